"""Dataset formats for training: writers, readers and checks.

Input: datasets: simgen's own, COCO, YOLO or Pascal VOC.
Output: `Item`s, the files of an export, or findings of the validator.
May import: report, dataset, labels, sampling, stages, assets, config, geometry, spec.

A **format** is one folder, found by the `WRITERS` of its `__init__.py`, with at most four parts:

- `__init__.py`: `WRITERS`, which locates its `registry.Format`s; `DETECTED`, its position in the
  order in which the validator tries formats; `OPENED`, its position among the formats that exports
  can read;
- `write.py`: its writers;
- `read.py`: a strict reader of untrusted files, and `open_source` if exports can read the format;
- `check.py`: `KIND`, its checks (`validate.kind.Kind`), by the rules in `rules.yaml`.

Shared by all formats: `items` (an image with its labels), `sources` (streams of items), `pipeline`
(changes to items between source and format), `output` (files, archives, targets), `reading`
(bounded readers of untrusted files), `findings` and `validate` (rules and the code that runs them).
"""
