"""`report.html` and `results.json`: the results of a study."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from simgen.report.lettering import shortened
from simgen.stats.as_json import to_json
from simgen.stats.html import Chart, Link, Section, Table, Tile, page
from simgen.training.answer.charts import (
    of_arms,
    of_differences,
    of_error_costs,
    of_errors,
    of_gap,
    of_learning,
    of_parts,
    of_precision,
)
from simgen.training.answer.detections import DetectionFiles
from simgen.training.answer.examples import of_example
from simgen.training.answer.findings import ArmFindings, Findings
from simgen.training.answer.results import plain
from simgen.training.answer.words import (
    conclusions,
    duration,
    gap_sentences,
    number,
    remarks,
    spanned,
)
from simgen.training.evaluation.errors import KINDS

PAGE, DATA = "report.html", "results.json"
_CLASSES = 12
"""Maximum number of classes with their own charts."""


def write_answer(
    found: Findings, folder: Path, files: DetectionFiles | None = None, view: str = ""
) -> Path:
    """Write `results.json` and `report.html` into a folder, created if necessary; return the path
    of the page.

    files, view: as for `html_of`. Raises `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATA).write_bytes(to_json(plain(found)))
    (folder / PAGE).write_text(html_of(found, files, view), encoding="utf-8")
    return folder / PAGE


def html_of(found: Findings, files: DetectionFiles | None = None, view: str = "") -> str:
    """Return the report. files: of the detections in all test images. view: address, relative to
    the report, of the viewer's page with those of the arm `examples_of`; empty if there is
    none."""
    study = found.study
    return page(
        study.name,
        study.about,
        _tiles(found),
        [
            Section("Answer", charts=_main_charts(found), blocks=_answer(found)),
            Section("Classes and sizes", _PARTS, list(_parts(found)), [_parts_table(found)]),
            Section("Gap", _GAP, blocks=_predictors(found)),
            Section("Errors", _ERRORS, _errors(found), [_kinds()]),
            Section(
                "Examples",
                _EXAMPLES.format(study.examples_of),
                _examples(found),
                list(_all_images(found, files, view)),
            ),
            Section("Costs", blocks=[_costs(found)]),
            Section("Set-up", blocks=list(_set_up(found))),
        ],
        kind="experiment",
        data=DATA,
    )


_PARTS = "AP50 on the real test images, with 95 % intervals."
_GAP = (
    "Rank correlation, over arms, between the gap to the real test images and AP50 on them: -1 if "
    "a smaller gap always coincides with a better detector."
)
_ERRORS = "At IoU 0.5, following TIDE (Bolya et al. 2020)."
_EXAMPLES = (
    "The real test images with the best F1 of {}, then those with the worst. Green: found. Yellow, "
    "dashed: missed. Red: false. Grey: ignored. Hover over a box for details."
)


def _tiles(found: Findings) -> list[Tile]:
    best, real = found.best, found.study.real
    alone = len(found.arms) == 1
    tiles = [
        Tile(number(best.ap50.mean), "AP50" if alone else f"AP50 of {shortened(best.arm.name)}")
    ]
    if not math.isnan(best.synthetic):
        tiles.append(Tile(number(best.synthetic - best.ap50.mean), "gap synthetic to real"))
    most = max(len(one.arm.replicates) for one in found.arms)
    return [
        *tiles,
        Tile(f"{len(found.arms)}", "arms"),
        Tile(f"{most}", "replicates"),
        Tile(f"{real.images:,}", "test images"),
        Tile(f"{real.boxes:,}", "objects in them"),
        Tile(f"{real.units.count:,}", f"independent {real.units.kind}"),
    ]


def _answer(found: Findings) -> list[str | Table]:
    rows = [
        (
            one.arm.name + (" (baseline)" if one.arm.baseline else ""),
            f"{one.images:,}",
            f"{one.real_images:,}",
            spanned(one.ap50),
            "reference" if one.difference is None else spanned(one.difference, sign=True),
            spanned(one.ap),
            spanned(one.ar),
            duration(one.seconds),
        )
        for one in found.arms
    ]
    reference = found.study.reference
    head = ("arm", "images", "real", "AP50", f"difference to {reference}", "AP", "AR", "time")
    return [*conclusions(found), Table("Arms", head, rows), " ".join(remarks(found))]


def _main_charts(found: Findings) -> list[Chart]:
    charts = [of_arms(found)]
    if len(found.arms) > 1:
        charts.append(of_differences(found))
    gap = of_gap(found)
    return [*charts, *of_learning(found), *([gap] if gap else []), of_precision(found)]


def _parts(found: Findings) -> Iterator[Chart]:
    names = [name for name, one in found.best.per_class.items() if not math.isnan(one.mean)]
    for place, name in enumerate(names[:_CLASSES]):
        spans = [one.per_class[name] for one in found.arms]
        yield of_parts(found, name, spans, f"class-{place}")
    for size, one in found.best.per_size.items():
        if not math.isnan(one.mean):
            spans = [one.per_size[size] for one in found.arms]
            yield of_parts(found, f"{size.capitalize()} objects", spans, f"size-{size}")


def _parts_table(found: Findings) -> Table:
    names, sizes = list(found.best.per_class), list(found.best.per_size)
    rows = [
        (
            one.arm.name,
            *(spanned(one.per_class[name]) for name in names),
            *(spanned(one.per_size[size]) for size in sizes),
        )
        for one in found.arms
    ]
    caption = "AP50. Small: below 32 x 32 pixels; large: above 96 x 96."
    return Table(caption, ("arm", *names, *sizes), rows)


def _predictors(found: Findings) -> list[str | Table]:
    """Return the table of gap measures; empty if no arm has a gap."""
    rows = [
        (
            one.measure,
            f"{one.correlation:+.2f} ({one.low:+.2f} to {one.high:+.2f})",
            f"{one.p:.2g}",
            "yes" if one.predicts else "no",
        )
        for one in found.predictors
    ]
    head = ("measure of the gap", "rank correlation with AP50", "p", "significant")
    table = Table(f"Over the arms {', '.join(found.ranked)}", head, rows)
    return [*gap_sentences(found), *([table] if rows else [])]


def _errors(found: Findings) -> list[Chart]:
    return [of_errors(found), of_error_costs(found)]


def _kinds() -> str:
    kinds = "; ".join(f"{name}: {about}" for name, about in KINDS.items())
    return f"{kinds[0].upper()}{kinds[1:]}."


def _examples(found: Findings) -> list[Chart]:
    classes = found.study.real.classes
    best = [of_example(one, classes, "Best") for one in found.study.best]
    return [*best, *(of_example(one, classes, "Worst") for one in found.study.worst)]


def _all_images(
    found: Findings, files: DetectionFiles | None, view: str
) -> Iterator[str | Link | Table]:
    if view:
        words = f"All test images in the viewer, with what {found.study.examples_of} detects"
        yield Link(words, view)
    if files is not None:
        rows = [(arm, files.command(arm)) for arm in files.results]
        yield Table("Commands that show what each arm detects", ("arm", "command"), rows)


def _costs(found: Findings) -> Table:
    rows = [
        (
            one.arm.name,
            f"{len(one.arm.replicates)}",
            f"{one.images:,}",
            duration(_mean(one, "generate_seconds")),
            duration(_mean(one, "train_seconds")),
            duration(one.seconds),
        )
        for one in found.arms
    ]
    head = ("arm", "replicates", "images", "generation", "training", "all replicates")
    return Table("Time per replicate, and in total", head, rows)


def _mean(one: ArmFindings, name: str) -> float:
    return sum(getattr(each, name) for each in one.arm.replicates) / len(one.arm.replicates)


def _set_up(found: Findings) -> Iterator[str | Table]:
    study, real = found.study, found.study.real
    facts = [("trainer", study.trainer), ("", study.trainer_about), ("budget", study.budget)]
    facts += [("real test images", f"{real.name}: {real.images:,} images, {real.boxes:,} objects")]
    yield Table("Study", ("property", "value"), [fact for fact in facts if fact[1]])
    arms = [
        (one.name, " ".join(one.overrides), _listed(each.seed for each in one.replicates), one.note)
        for one in study.arms
    ]
    yield Table("Arms", ("arm", "overrides", "seeds", "note"), arms)
    if real.class_map:
        yield Table("Classes", ("in the real data", "counts as"), real.class_map)
    yield from real.remarks
    if study.config:
        rows = [(key, str(value)) for key, value in study.config.items()]
        yield Table("Config", ("key", "value"), rows)
    if study.versions:
        yield Table("Versions", ("package", "version"), list(study.versions.items()))


def _listed(seeds: Iterable[int]) -> str:
    return " ".join(str(seed) for seed in seeds)
