"""Datasets in the formats that trainers read: written, read back, and checked.

Comes in: datasets, simgen's or any other in COCO, YOLO or Pascal VOC.
Goes out: `Item`s, the files of an export, or findings.
May import: report, dataset, labels, sampling, stages, assets, config, geometry, spec.

A **format** is one folder, named in `registry.FOLDERS`, with at most three parts:

- `write.py`: `FORMATS`, the ways to write it (`registry.Format`);
- `read.py`: a strict reader of untrusted files; `open_source`, if exports can start from it;
- `check.py`: `KIND`, the rules that a dataset of it keeps (`validate.kind.Kind`).

What formats share: `items` (an image with its labels), `sources` (streams of these), `pipeline`
(what is done to them on their way), `output` (files, archives, targets), `reading` (bounded readers
of untrusted files), `findings` and `validate` (rules, and running them).
"""
