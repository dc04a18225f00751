"""The results of a study as JSON, `results.json`. docs/experiments.md describes its fields."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from simgen.training.answer.findings import ArmFindings, Findings
from simgen.training.answer.words import conclusions, remarks

VERSION = 1


def plain(found: Findings) -> dict[str, Any]:
    """Return plain values for `simgen.stats.as_json.to_json`. Repeating a study changes only the
    values under `seconds`; NaN marks what does not exist."""
    study = found.study
    real = study.real
    return {
        "version": VERSION,
        "study": study.name,
        "about": study.about,
        "conclusions": conclusions(found),
        "remarks": remarks(found),
        "reference": study.reference,
        "best": found.best.arm.name,
        "arms": [_arm(one) for one in found.arms],
        "predictors": {
            "arms": list(found.ranked),
            "measures": [asdict(one) for one in found.predictors],
        },
        "real": {
            "name": real.name,
            "images": real.images,
            "boxes": real.boxes,
            "classes": list(real.classes),
            "class_map": [list(pair) for pair in real.class_map],
            "resampled": {"what": real.units.kind, "count": real.units.count},
            "remarks": list(real.remarks),
        },
        "trainer": {
            "name": study.trainer,
            "about": study.trainer_about,
            "budget": study.budget,
        },
        "config": dict(study.config),
        "versions": dict(study.versions),
        "seconds": dict(study.seconds),
    }


def _arm(one: ArmFindings) -> dict[str, Any]:
    arm = one.arm
    return {
        "name": arm.name,
        "baseline": arm.baseline,
        "note": arm.note,
        "overrides": list(arm.overrides),
        "images": one.images,
        "real_images": one.real_images,
        "ap50": asdict(one.ap50),
        "ap": asdict(one.ap),
        "ar": asdict(one.ar),
        "difference": None if one.difference is None else asdict(one.difference),
        "per_class": {name: asdict(span) for name, span in one.per_class.items()},
        "per_size": {size: asdict(span) for size, span in one.per_size.items()},
        "synthetic": {"ap50": one.synthetic},
        "gap": dict(arm.gap),
        "errors": {"counts": one.error_counts, "costs": one.error_costs},
        # At IoU 0.5 and the recalls 0, 0.01 ... 1.
        "precision": [round(value, 6) for value in one.curve.tolist()],
        "replicates": [
            {
                "seed": replicate.seed,
                "images": replicate.images,
                "real_images": replicate.real_images,
                "ap50": value,
                "synthetic_ap50": None if replicate.synthetic is None else replicate.synthetic.ap50,
                "threshold": replicate.errors.threshold,
                "precision": replicate.errors.precision,
                "recall": replicate.errors.recall,
            }
            for replicate, value in zip(arm.replicates, one.values, strict=True)
        ],
        "seconds": {
            "generate": [replicate.generate_seconds for replicate in arm.replicates],
            "train": [replicate.train_seconds for replicate in arm.replicates],
        },
    }
