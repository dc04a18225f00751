"""Dataset formats that trainers read: written, read back and validated.

Input: datasets: simgen's own, COCO, YOLO or Pascal VOC.
Output: `Item`s, the files of an export, or findings of the validator.
May import: report, dataset, labels, sampling, stages, assets, config, geometry, spec.

A **format** is one folder, found by the `WRITERS` of its `__init__.py`, with at most four parts:

- `__init__.py`: `WRITERS`, where its `registry.Format`s are; `DETECTED`, its place in the order in
  which the validator tries formats; `OPENED`, its place among those that exports can start from;
- `write.py`: the ways to write it;
- `read.py`: a strict reader of untrusted files, and `open_source` if exports can start from it;
- `check.py`: `KIND`, how it is checked (`validate.kind.Kind`), by the rules in `rules.yaml`.

What formats share: `items` (an image with its labels), `sources` (streams of these), `pipeline`
(what is done to them on their way), `output` (files, archives, targets), `reading` (bounded readers
of untrusted files), `findings` and `validate` (rules, and running them).
"""
