"""`simgen status`: how far a run is, told from the files that it leaves, during it or after it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cattrs
from rich.console import Console
from rich.live import Live
from rich.text import Text

from simgen.errors import InputError
from simgen.image_bar import plain_printer
from simgen.progress import cost, duration, kinds, where_time_went
from simgen.progress_lines import ProgressLines
from simgen.store import holder, remote, runs
from simgen.store.holder import Holder
from simgen.store.layout import Layout
from simgen.store.remote import AnyPath
from simgen.store.runs import Status

STARTING, RUNNING, FINISHING = "starting", "running", "finishing"
SILENT, KILLED, STOPPED, FINISHED = "silent", "killed", "stopped", "finished"
AWAY = "away"
"""Nobody is at work, and tasks on Slurm were left with the scenes."""
UNKNOWN = "unknown"
"""No run left word."""
_ON = (STARTING, RUNNING, FINISHING)
_WORDS = {
    STARTING: "starting",
    RUNNING: "running",
    FINISHING: "the scenes are made, now what is made of all of them",
    SILENT: "no sign of life from the run, though its process is there",
    KILLED: "the run was killed",
    STOPPED: "the run was stopped",
    FINISHED: "finished",
    AWAY: "its tasks on Slurm wait, or have ended; the same command tells, and goes on",
    UNKNOWN: "no run left word",
}
_PAUSE = 2.0
"""Seconds between two looks."""
_WORKERS, _TROUBLES = 16, 3
"""How many are shown."""


@dataclass(frozen=True)
class Report:
    """What is known of the last run on a dataset."""

    dataset: str
    state: str
    num_scenes: int
    done: int
    """Scenes that are committed, by any run."""
    missing: int
    """Neither committed nor given up."""
    scenes_per_minute: float | None
    """Over the last minutes, or over the whole run when it is over."""
    seconds_left: float | None
    seconds: float | None
    """Since the run began, or that it took."""
    seen: float | None
    """Seconds since it was last heard of."""
    status: Status | None
    """Of the last run."""
    holder: Holder | None
    """Who holds the dataset, or left its lease behind."""


def run(dataset: AnyPath, as_json: bool, watch: bool, console: Console) -> int:
    """Say how far the run on a dataset is. Returns the exit code.

    watch: again and again, until the run is over. Raises `InputError` where there is no dataset.
    """
    if not watch:
        report = look(dataset)
        print(_as_json(report, 1)) if as_json else console.print(_as_text(report), soft_wrap=True)
    elif as_json:
        for report in _looks(dataset):
            print(_as_json(report, None), flush=True)
    else:
        lines = ProgressLines(plain_printer(console), "scenes")
        with Live(console=console, auto_refresh=False) as live:  # in a log, of its last state alone
            for report in _looks(dataset):
                live.update(_as_text(report), refresh=True)
                if not console.is_terminal:
                    lines.tell(report.done, report.num_scenes)
    return 0


def look(dataset: AnyPath) -> Report:
    """What the files say now. It takes three beats when a run on another machine seems dead.

    Raises `InputError` where there is no dataset.
    """
    place, status = _find(dataset)
    held = holder.read(place.lease)
    state = _state(place, held, status)
    if state not in (*_ON, SILENT) and place.slurm.is_file():
        state = AWAY
    if held is not None and status is not None and status.run != held.run:
        status = None  # of an earlier run
    now = time.time()
    done, total = len(place.committed()), _num_scenes(place)
    missing = max(0, total - done - (status.failed if status else 0))
    rate = _rate(status, state, now)
    begun = held.started if held else status.started if status else None
    seen = max((said.updated for said in (held, status) if said), default=None)
    return Report(
        dataset=str(dataset),
        state=state,
        num_scenes=total,
        done=done,
        missing=missing,
        scenes_per_minute=rate,
        seconds_left=60 * missing / rate if rate and state in _ON else None,
        seconds=None if begun is None else _until(state, now, seen) - begun,
        seen=None if seen is None else max(0.0, now - seen),
        status=status,
        holder=held,
    )


def _looks(dataset: AnyPath) -> Iterator[Report]:
    """Ends with a report that will not change any more."""
    while True:
        report = look(dataset)
        yield report
        coming = report.state == AWAY and report.missing
        if report.state not in (*_ON, SILENT) and not coming:
            return
        time.sleep(_PAUSE)


def _find(dataset: AnyPath) -> tuple[Layout, Status | None]:
    """The dataset's files, and what its last run said. Where the dataset is in object storage, the
    run's own files are in `output.dir`, and lead there."""
    place = Layout(dataset)
    local = isinstance(dataset, Path)
    status = runs.read_status(place) if local else None
    if status is not None and local and status.dataset != str(dataset):
        root = remote.locate(status.dataset)
        if remote.is_remote(root):
            return Layout(root, place.private), status
    if remote.size(place.manifest) < 0 and remote.size(place.lease) < 0:
        raise InputError(f"{dataset}: no simgen dataset here (no {place.manifest.name})")
    return place, status


def _num_scenes(place: Layout) -> int:
    try:
        return int(json.loads(remote.read_bytes(place.manifest))["num_scenes"])
    except FileNotFoundError:
        return 0
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{place.manifest}: not the description of a dataset") from error


def _state(place: Layout, held: Holder | None, status: Status | None) -> str:
    if held is None:
        known = {runs.FINISHED: FINISHED, runs.STOPPED: STOPPED, runs.RUNNING: KILLED}
        return UNKNOWN if status is None else known[status.state]
    if holder.is_dead(held):
        return KILLED
    if not _is_heard_of(place, held):
        return SILENT if holder.is_of_this_machine(held) else KILLED
    if status is None or status.run != held.run:
        return STARTING
    return RUNNING if status.state == runs.RUNNING else FINISHING


def _is_heard_of(place: Layout, held: Holder) -> bool:
    """By the clock, where it is the same one or says yes. Another machine's may be wrong, so the
    lease is watched before its owner is called dead."""
    age = time.time() - held.updated
    if -held.every < age < holder.WATCHED * held.every:
        return True
    return not holder.is_of_this_machine(held) and holder.is_beating(place.lease)


def _rate(status: Status | None, state: str, now: float) -> float | None:
    if status is None:
        return None
    if state in _ON:
        return status.rate(now)
    seconds = status.updated - status.started
    return 60 * status.done / seconds if seconds > 0 else None


def _until(state: str, now: float, seen: float | None) -> float:
    return now if state in _ON or seen is None else seen


def _as_json(report: Report, indent: int | None) -> str:
    return json.dumps(cattrs.unstructure(report), indent=indent)


def _as_text(report: Report) -> Text:
    status = report.status
    lines = [_head(report), _counts(report)]
    if status is not None:
        lines += [*_workers(report, status), *_costs(status), *_troubles(report, status)]
    return Text("\n").join(lines)


def _head(report: Report) -> Text:
    by: Holder | Status | None = report.holder or report.status
    where = f"; host {by.host}, pid {by.pid}" if by else ""
    took = f", {duration(report.seconds)}" if report.seconds is not None else ""
    text = Text(f"{report.dataset}: {_WORDS[report.state]}{where}{took}")
    if report.state not in _ON and report.seen is not None:
        text.append(f", last heard of {duration(report.seen)} ago")
    if report.status is not None and report.status.reason:
        text.append(f": {report.status.reason}")
    colour = {SILENT: "yellow", KILLED: "red", STOPPED: "yellow", FINISHED: "green"}
    text.stylize(f"bold {colour.get(report.state, '')}".strip())
    if report.state in (KILLED, STOPPED) and report.missing:
        text.append("\nthe command that began it continues it")
    return text


def _counts(report: Report) -> Text:
    text = Text(f"done     {report.done} of {report.num_scenes} scenes")
    if report.status is not None and report.status.failed:
        text.append(f", {report.status.failed} given up", "red")
    if report.status is not None and report.status.retried:
        text.append(f", {report.status.retried} attempts retried", "yellow")
    if report.missing and report.scenes_per_minute:
        text.append(f"\nrate     {report.scenes_per_minute:.1f} scenes/min")
    if report.seconds_left is not None:
        text.append(f", {duration(report.seconds_left)} left")
    return text


def _workers(report: Report, status: Status) -> list[Text]:
    now = time.time()
    word = "at work" if report.state in _ON else "was at"
    longest = sorted(status.workers.items(), key=lambda item: item[1].since)
    lines = [
        Text(
            f"{word:8} {name}: scene {doing.scene}"
            + (f", attempt {doing.attempt}" if doing.attempt > 1 else "")
            + f", for {duration(max(0.0, now - doing.since))}"
        )
        for name, doing in longest[:_WORKERS]
    ]
    more = len(longest) - _WORKERS
    return [*lines, Text(f"         and {more} more workers")] if more > 0 else lines


def _costs(status: Status) -> list[Text]:
    totals = status.totals
    if not totals.frames or not totals.seconds:
        return []
    return [
        Text(f"time     {where_time_went(totals)}"),
        Text(f"         {cost(totals)}"),
        Text(f"device   {kinds(totals.devices)}"),
    ]


def _troubles(report: Report, status: Status) -> list[Text]:
    lines = [
        Text(f"given up scene {f.scene} after {f.attempts} attempts: {f.reason}", "red")
        for f in status.failures
    ]
    if status.failures:
        again = f"simgen replay {report.dataset} --scene {status.failures[-1].scene}"
        lines.append(Text(f"look     {again}"))
    if report.state in (*_ON, SILENT):
        lines += [
            Text(f"retried  scene {t.scene} after attempt {t.attempt}: {t.reason}", "yellow")
            for t in status.troubles[-_TROUBLES:]
        ]
    return lines
