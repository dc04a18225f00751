"""`simgen status`: the progress of a run, read from its files, during or after it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cattrs
from rich.console import Console
from rich.live import Live
from rich.text import Text

from simgen.dataset import lease, remote, runs
from simgen.dataset.layout import Layout
from simgen.dataset.lease import Owner
from simgen.dataset.remote import AnyPath
from simgen.dataset.runs import Status
from simgen.errors import InputError
from simgen.runs.console import say
from simgen.runs.progress import ProgressLines, cost_lines, duration

STARTING, RUNNING, FINISHING = "starting", "running", "finishing"
SILENT, KILLED, STOPPED, FINISHED = "silent", "killed", "stopped", "finished"
AWAY = "away"
"""No process of this run is active; Slurm tasks make the scenes."""
WAITING = "waiting"
"""No shard is active, and scenes of shards are missing."""
UNKNOWN = "unknown"
"""No run left a status."""
_ON = (STARTING, RUNNING, FINISHING)
_WORDS = {
    STARTING: "starting",
    RUNNING: "running",
    FINISHING: "the scenes are complete; writing annotations, preview and card",
    SILENT: "the run does not respond, though its process exists",
    KILLED: "the run was killed",
    STOPPED: "the run was stopped",
    FINISHED: "finished",
    AWAY: "its Slurm tasks are queued or have ended; run the same command to see, and to continue",
    WAITING: "no shard is running, and scenes are missing",
    UNKNOWN: "no run left a status",
}
PAUSE = 2.0
"""Seconds between two updates."""
_WORKERS, _TROUBLES = 16, 3
"""Maximum number of workers and of retried attempts shown."""


@dataclass(frozen=True)
class Report:
    """The state of the last run on a dataset."""

    dataset: str
    state: str
    num_scenes: int
    done: int
    """Scenes committed by any run."""
    missing: int
    """Scenes neither committed nor failed."""
    scenes_per_minute: float | None
    """Over the last minutes, or over the complete run once it has ended."""
    seconds_left: float | None
    seconds: float | None
    """Seconds since the run began, or its duration once it has ended."""
    seen: float | None
    """Seconds since its files last changed."""
    status: Status | None
    """Status of the last run."""
    holder: Owner | None
    """The process that holds the dataset or left its lease behind; if possible, one alive."""


def run(dataset: AnyPath, as_json: bool, watch: bool, console: Console) -> int:
    """Show the progress of the run on a dataset. Returns the exit code.

    watch: update until the run is over. Raises `InputError` if there is no dataset.
    """
    if not watch:
        report = look(dataset)
        print(_as_json(report, 1)) if as_json else console.print(_as_text(report), soft_wrap=True)
    elif as_json:
        for report in looks(dataset):
            print(_as_json(report, None), flush=True)
    else:
        lines = ProgressLines(partial(say, console), "scenes")
        # Without a terminal, `Live` only prints its last state.
        with Live(console=console, auto_refresh=False) as live:
            for report in looks(dataset):
                live.update(_as_text(report), refresh=True)
                if not console.is_terminal:
                    lines.tell(report.done, report.num_scenes)
    return 0


def look(dataset: AnyPath) -> Report:
    """Return the current state of the run. Takes three beats of its lease if a run on another
    machine seems dead.

    Raises `InputError` if there is no dataset.
    """
    place, status = _find(dataset)
    held, state = _state(place, status)
    if state not in (*_ON, SILENT) and place.slurm.is_file():
        state = AWAY
    if held is not None and status is not None and status.run != held.run:
        status = None  # it belongs to an earlier run
    now = time.time()
    done, total = len(place.committed()), _num_scenes(place)
    missing = max(0, total - done - (status.failed if status else 0))
    if state == FINISHED and missing and status is not None and status.name != "run":
        state = WAITING
    rate = _rate(status, state, now)
    begun = held.started if held else status.started if status else None
    seen = max((found.updated for found in (held, status) if found), default=None)
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


def looks(dataset: AnyPath) -> Iterator[Report]:
    """Yield reports every `PAUSE` seconds, up to the first that can no longer change."""
    while True:
        report = look(dataset)
        yield report
        coming = report.state in (AWAY, WAITING) and report.missing
        if report.state not in (*_ON, SILENT) and not coming:
            return
        time.sleep(PAUSE)


def _find(dataset: AnyPath) -> tuple[Layout, Status | None]:
    """Return the layout of the dataset and the status of its last run. `dataset` may also be the
    `output.dir` of a run into object storage: its status names the URI."""
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
        raise InputError(f"{place.manifest}: not a dataset's description") from error


def _state(place: Layout, status: Status | None) -> tuple[Owner | None, str]:
    """Return the process to report, if one left a lease, and the state of the run."""
    owners = lease.owners(place)
    if not owners:
        known = {runs.FINISHED: FINISHED, runs.STOPPED: STOPPED, runs.RUNNING: KILLED}
        return None, UNKNOWN if status is None else known[status.state]
    alive = _alive(place, owners)
    if alive is None:
        silent = (o for o in owners if lease.is_of_this_machine(o) and not lease.is_dead(o))
        found = next(silent, None)
        return (owners[0], KILLED) if found is None else (found, SILENT)
    if status is None or status.run != alive.run:
        return alive, STARTING
    return alive, RUNNING if status.state == runs.RUNNING else FINISHING


def _alive(place: Layout, owners: Sequence[Owner]) -> Owner | None:
    """Return an owner that has rewritten its lease recently, or None.

    The clock of another machine may be wrong, so if its timestamps look old, its lease is watched
    for changes before the owner is considered dead.
    """
    there = [owner for owner in owners if not lease.is_dead(owner)]
    for owner in there:
        if -owner.every < time.time() - owner.updated < lease.WATCHED * owner.every:
            return owner
    elsewhere = [lease.path_of(place, o.part) for o in there if not lease.is_of_this_machine(o)]
    texts = [(path, text) for path in elsewhere if (text := lease.read_text(path)) is not None]
    moved = lease.moving(texts)
    return None if moved is None else lease.parse(moved[1])


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
        lines += _workers(report, status)
        if status.totals.frames and status.totals.seconds:
            lines += map(Text, cost_lines(status.totals))
        lines += _troubles(report, status)
    return Text("\n").join(lines)


def _head(report: Report) -> Text:
    by: Owner | Status | None = report.holder or report.status
    where = f"; host {by.host}, pid {by.pid}" if by else ""
    took = f", {duration(report.seconds)}" if report.seconds is not None else ""
    text = Text(f"{report.dataset}: {_WORDS[report.state]}{where}{took}")
    if report.state not in _ON and report.seen is not None:
        text.append(f", last seen {duration(report.seen)} ago")
    if report.status is not None and report.status.reason:
        text.append(f": {report.status.reason}")
    colour = {SILENT: "yellow", KILLED: "red", STOPPED: "yellow", FINISHED: "green"}
    text.stylize(f"bold {colour.get(report.state, '')}".strip())
    if report.state in (KILLED, STOPPED) and report.missing:
        text.append("\nrun the same command again to continue")
    return text


def _counts(report: Report) -> Text:
    text = Text(f"done     {report.done} of {report.num_scenes} scenes")
    if report.status is not None and report.status.failed:
        text.append(f", {report.status.failed} failed", "red")
    if report.status is not None and report.status.retried:
        text.append(f", {report.status.retried} attempts retried", "yellow")
    if report.missing and report.scenes_per_minute:
        text.append(f"\nrate     {report.scenes_per_minute:.1f} scenes/min")
    if report.seconds_left is not None:
        text.append(f", {duration(report.seconds_left)} left")
    return text


def _workers(report: Report, status: Status) -> list[Text]:
    now = time.time()
    word = "working" if report.state in _ON else "was at"
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


def _troubles(report: Report, status: Status) -> list[Text]:
    lines = [
        Text(f"failed   scene {f.scene} after {f.attempts} attempts: {f.reason}", "red")
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
