"""What a dataset is worth: loaders for PyTorch, detectors, their tests on photographs, studies.

Comes in: a study's config; datasets, simgen's or photographs with boxes.
Goes out: samples for training; detectors' scores with intervals, a report.
May import: runs, stats, formats, report, dataset, labels, rendering, sampling, stages, assets,
    config, spec.

`detection` is the plain data; `photographs` real data; `trainers` detectors, one a file;
`evaluation` scores and how sure they are; `study` what is trained on what; `answer` its report.
"""
