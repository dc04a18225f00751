"""One run per dataset, with real processes: dead, stopped, on other machines, without flock."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from upath import UPath

from simgen.dataset.layout import Layout
from simgen.dataset.lease import (
    Owner,
    dumps,
    is_beating,
    is_dead,
    owners,
    parse,
    read,
    this_process,
    write,
)
from simgen.dataset.lock import Lease
from simgen.errors import InputError, SimgenError

BEAT = 0.3

OWNER = """
import sys, time
from pathlib import Path
from filelock import FileLock
from simgen.errors import SimgenError
from simgen.dataset.layout import Layout
from simgen.dataset.lock import Lease

folder, every, locks, run = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4]
part = sys.argv[5]
if locks == "none":
    def refuse(*_, **__):
        raise NotImplementedError
    FileLock.acquire = refuse
try:
    lease = Lease.acquire(Layout(folder.parent), run, part, every)
except SimgenError as error:
    print("refused", error, flush=True)
    sys.exit(2)
print("holds", lease.run, flush=True)
while not lease.lost:
    time.sleep(0.02)
try:
    lease.check()
except SimgenError as error:
    print("lost", error, flush=True)
lease.release()
"""
"""A process that holds a dataset until it is killed or loses it."""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    private = tmp_path / "dataset" / ".simgen"
    private.mkdir(parents=True)
    return private


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    begun: list[subprocess.Popen[str]] = []

    def start(locks: str = "kernel", run: str = "", part: str = "") -> subprocess.Popen[str]:
        command = [sys.executable, "-c", OWNER, str(folder), str(BEAT), locks, run, part]
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return begun[-1]

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def stop_between_beats(process: subprocess.Popen[str], path: Path) -> None:
    """Stop an owner just after a beat: in the midst of one it would write over its successor."""
    before, until = read(path), time.monotonic() + 20
    while read(path) == before:
        assert time.monotonic() < until, "no beat within 20 s"
        time.sleep(0.01)
    process.send_signal(signal.SIGSTOP)


def acquire(folder: Path) -> Lease:
    return Lease.acquire(Layout(folder.parent), every=BEAT)


def seconds(task: Callable[[], object]) -> float:
    started = time.monotonic()
    task()
    return time.monotonic() - started


def elsewhere(folder: Path, **changes: object) -> Owner:
    """Writes the lease of a run on another machine, and returns it."""
    me = this_process("20260101T000000-there", BEAT, "1:2")
    other = dataclasses.replace(me, host="node7", pid=4242, machine="another boot", **changes)
    (folder / "lease.json").write_text(dumps(other))
    return other


@pytest.fixture
def without_flock(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(FileLock, "acquire", refuse)


def test_the_second_is_refused_at_once_and_told_who_holds_it(folder: Path, start: Start) -> None:
    owner = start()
    assert said(owner).startswith("holds")

    def refused() -> None:
        with pytest.raises(InputError) as error:
            acquire(folder)
        line = str(error.value)
        assert str(folder.parent) in line
        assert f"host {os.uname().nodename}, pid {owner.pid}, since 20" in line
        assert "seen 0 s ago" in line
        assert "\n" not in line

    assert seconds(refused) < BEAT
    # One that is stopped is not dead.
    owner.send_signal(signal.SIGSTOP)
    time.sleep(4 * BEAT)
    with pytest.raises(InputError, match=r"seen [1-9]\d* s ago|seen 0 s ago"):
        acquire(folder)
    owner.send_signal(signal.SIGCONT)
    time.sleep(2 * BEAT)
    assert owner.poll() is None


def test_a_killed_owner_frees_at_once(folder: Path, start: Start) -> None:
    owner = start()
    said(owner)
    owner.kill()  # not waited for: a zombie is dead too
    time.sleep(0.05)
    leases = []
    assert seconds(lambda: leases.append(acquire(folder))) < BEAT / 2
    leases[0].release()
    assert not (folder / "lease.json").exists()


def test_a_killed_owner_frees_at_once_without_flock(folder: Path, start: Start) -> None:
    owner = start("none")
    said(owner)
    owner.kill()
    time.sleep(0.05)
    second = start("none")
    assert said(second).startswith("holds")
    found = read(folder / "lease.json")
    assert found is not None
    assert (found.pid, found.lock) == (second.pid, "")


def test_a_living_owner_without_flock_is_seen_by_its_beats(folder: Path, start: Start) -> None:
    owner = start("none")
    said(owner)
    second = start("none")
    answer = said(second)
    assert answer.startswith("refused")
    assert f"pid {owner.pid}" in answer
    assert owner.poll() is None


def test_of_two_at_once_one_gets_it(folder: Path, start: Start) -> None:
    for locks in ("kernel", "none"):
        both = [start(locks), start(locks)]
        answers = sorted(said(process).split()[0] for process in both)
        assert answers == ["holds", "refused"], locks
        for process in both:
            process.kill()
            process.wait()


@pytest.mark.exhaustive
def test_who_slept_too_long_finds_another_owner_and_stops(folder: Path, start: Start) -> None:
    owner = start("none")
    said(owner)
    stop_between_beats(owner, folder / "lease.json")
    second = start("none")  # its process is there, so it is watched, and stands still
    assert said(second).startswith("holds")
    owner.send_signal(signal.SIGCONT)
    answer = said(owner)
    assert answer.startswith("lost")
    assert f"pid {second.pid}" in answer
    time.sleep(2 * BEAT)
    assert second.poll() is None
    found = read(folder / "lease.json")
    assert found is not None
    assert found.pid == second.pid


def test_a_run_on_another_machine_is_watched(folder: Path) -> None:
    """Though the kernel's lock is free: on many shared file systems it is a machine's own."""
    elsewhere(folder)
    told: list[str] = []
    watched = []

    def take() -> None:
        watched.append(Lease.acquire(Layout(folder.parent), every=BEAT, say=told.append))

    assert 3 * BEAT < seconds(take) < 8 * BEAT
    assert "host node7, pid 4242" in told[0]
    watched[0].release()


def test_a_run_on_another_machine_that_beats_is_left_alone(folder: Path) -> None:
    there = elsewhere(folder, updated=0.0)  # its clock is decades behind
    code = (
        "import sys, time, pathlib, json\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "plain = json.loads(path.read_text())\n"
        "while True:\n"
        "    plain['beat'] += 1\n"
        "    path.with_suffix('.new').write_text(json.dumps(plain))\n"
        "    path.with_suffix('.new').replace(path)\n"
        f"    time.sleep({BEAT})\n"
    )
    beating = subprocess.Popen([sys.executable, "-c", code, str(folder / "lease.json")])
    try:
        time.sleep(BEAT)
        with pytest.raises(InputError, match="host node7, pid 4242"):
            acquire(folder)
        assert is_beating(folder / "lease.json")
    finally:
        beating.kill()
        beating.wait()
    found = read(folder / "lease.json")
    assert found is not None
    assert found.run == there.run
    # The kernel's lock was given back.
    lock = FileLock(folder / "lock", timeout=0)
    lock.acquire()
    lock.release()


def test_a_lease_that_was_torn_in_the_writing_is_watched_and_taken(folder: Path) -> None:
    (folder / "lease.json").write_text('{"run": "2026')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simgen.dataset.lease.BEAT", BEAT)
        lease = acquire(folder)
    lease.release()


def shard(number: int, count: int = 2) -> dict[str, str]:
    return {"run": f"{count}-shards-abc", "part": f"shard{number}-of-{count}"}


@pytest.mark.parametrize("locks", ["kernel", "none"])
@pytest.mark.corpus(1)
def test_shards_of_one_run_are_side_by_side_and_all_else_is_refused(
    folder: Path, start: Start, locks: str
) -> None:
    first, second = start(locks, **shard(0)), start(locks, **shard(1))
    assert said(first) == said(second) == "holds 2-shards-abc"
    assert {owner.pid for owner in owners(Layout(folder.parent))} == {first.pid, second.pid}
    assert f"pid {second.pid}" in said(start(locks, **shard(1)))
    for stranger in ({}, shard(2, 3)):
        assert said(start(locks, **stranger)).startswith("refused")
    assert first.poll() is second.poll() is None
    # One that is killed may begin again at once; the others notice nothing.
    second.kill()
    second.wait()
    assert said(start(locks, **shard(1))) == "holds 2-shards-abc"
    assert first.poll() is None


def test_a_shard_waits_for_the_lease_that_another_is_just_writing(folder: Path) -> None:
    first = this_process(part="shard0", run="shards", every=BEAT, lock="")
    path = folder / "leases" / "shard0.json"
    path.parent.mkdir()
    path.touch()
    writing = threading.Timer(0.3, write, (path, first))
    writing.start()
    Lease.acquire(Layout(folder.parent), "shards", "shard1", BEAT).release()
    writing.join()
    assert read(path) == first


def test_a_run_with_the_dataset_to_itself_keeps_shards_away(folder: Path, start: Start) -> None:
    owner = start()
    said(owner)
    answer = said(start(**shard(0)))
    assert answer.startswith("refused")
    assert f"pid {owner.pid}" in answer
    owner.kill()
    owner.wait()
    assert said(start(**shard(0))) == "holds 2-shards-abc"
    assert not (folder / "lease.json").exists()  # what the dead one left is gone


@pytest.mark.parametrize("taker", [shard(0), {}])
@pytest.mark.exhaustive
def test_a_shard_that_slept_too_long_stops_though_its_run_goes_on(
    folder: Path, start: Start, taker: dict[str, str]
) -> None:
    sleeper = start("none", **shard(0))
    assert said(sleeper).startswith("holds")
    stop_between_beats(sleeper, folder / "leases" / "shard0-of-2.json")
    assert said(start("none", **taker)).startswith("holds")
    sleeper.send_signal(signal.SIGCONT)
    assert said(sleeper).startswith("lost")


@pytest.mark.exhaustive
def test_of_shards_that_end_together_each_gets_its_turn(folder: Path) -> None:
    place, turns = Layout(folder.parent), []

    def finish() -> None:
        with Lease.await_turn(place, "2-shards-abc", "finishing", BEAT):
            turns.append("in")
            time.sleep(2 * BEAT)
            turns.append("out")

    threads = [threading.Thread(target=finish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert turns == ["in", "out"] * 2


@pytest.mark.exhaustive
def test_a_lease_of_an_older_version_that_tasks_share_is_watched(folder: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    plain = json.loads(dumps(dataclasses.replace(this_process("run", BEAT, ""), pid=gone.pid)))
    del plain["part"]
    (folder / "lease.json").write_text(json.dumps(plain | {"shared": True}))
    assert seconds(lambda: acquire(folder).release()) > 3 * BEAT


def test_without_flock_a_free_dataset_is_taken(folder: Path, without_flock: None) -> None:
    lease = acquire(folder)
    time.sleep(2.5 * BEAT)
    found = read(folder / "lease.json")
    assert found is not None
    assert found.beat >= 2
    assert not lease.lost
    lease.release()


def test_a_folder_that_cannot_be_written_is_the_callers_to_tell(folder: Path) -> None:
    (folder / "lease.json").mkdir()
    with pytest.raises(IsADirectoryError):
        acquire(folder)
    FileLock(folder / "lock", timeout=0).acquire()  # which was given back


@pytest.mark.exhaustive
def test_a_lease_in_object_storage(tmp_path: Path) -> None:
    def machine(name: str) -> Layout:
        return Layout(UPath(f"memory://{tmp_path.name}/dataset"), tmp_path / name)

    told: list[str] = []
    path = machine("a").lease
    with Lease.acquire(machine("a"), every=BEAT) as lease:
        time.sleep(2.5 * BEAT)
        found = read(path)
        assert found is not None
        assert found.beat >= 1
        with pytest.raises(InputError, match="another simgen run"):
            Lease.acquire(machine("b"), every=BEAT, say=told.append)
        assert told
        path.write_text(dumps(dataclasses.replace(found, run="20260101T000000-other")))
        time.sleep(2 * BEAT)
        assert lease.lost
        with pytest.raises(SimgenError, match="took it over"):
            lease.check()
    assert path.exists()  # it is the other run's
    path.unlink()
    with Lease.acquire(machine("a"), **shard(0), every=BEAT):
        second = Lease.acquire(machine("b"), **shard(1), every=BEAT)
        with pytest.raises(InputError, match="shard1-of-2, host"):
            Lease.acquire(machine("c"), **shard(1), every=BEAT)
        second.release()
        with pytest.raises(InputError, match="another simgen run"):
            Lease.acquire(machine("b"), every=BEAT)


def test_a_beat_that_cannot_be_written_is_made_up_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    lease = acquire(folder)
    with monkeypatch.context() as patch:

        def refuse(*_: object, **__: object) -> None:
            raise full

        patch.setattr("simgen.dataset.lock.lease.write", refuse)
        time.sleep(2.5 * BEAT)
    before = read(folder / "lease.json")
    assert is_beating(folder / "lease.json")
    assert before is not None
    assert not lease.lost
    lease.release()


def test_a_lease_is_whole_whenever_it_is_read(folder: Path) -> None:
    path = folder / "lease.json"
    me = this_process("20260101T000000-0000", BEAT, "1:2")
    write(path, me)
    code = (
        "import dataclasses, pathlib, sys\n"
        "from simgen.dataset import lease\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "found = lease.read(path)\n"
        "for beat in range(10**9):\n"
        "    lease.write(path, dataclasses.replace(found, beat=beat))\n"
    )
    writing = subprocess.Popen([sys.executable, "-c", code, str(path)])
    try:
        beats = set()
        until = time.monotonic() + 20
        while len(beats) < 100 and time.monotonic() < until:
            found = parse(path.read_text())
            assert found is not None
            beats.add(found.beat)
        assert len(beats) >= 100
    finally:
        writing.kill()
        writing.wait()
    path.write_text("x" * 5000)
    write(path, me)
    assert read(path) == me


def test_death_is_only_told_of_processes_of_this_machine() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    me = this_process("run", BEAT, "1:2")
    dead = dataclasses.replace(me, pid=gone.pid)
    assert is_dead(dead)
    assert not is_dead(me)
    assert is_dead(me, "1:2")  # whoever has its lock knows
    assert not is_dead(dataclasses.replace(dead, machine="another boot"))
    assert not is_dead(dataclasses.replace(dead, shared=True), "1:2")
    assert json.loads(dumps(dead))["host"] == os.uname().nodename


def test_a_lease_that_is_written_in_pieces_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, sizes = os.write, []

    def some(handle: int, content: bytes) -> int:
        sizes.append(whole(handle, content[:100]))
        return sizes[-1]

    owner = this_process("a run", BEAT, "")
    monkeypatch.setattr(os, "write", some)
    write(tmp_path / "lease.json", owner)
    monkeypatch.undo()
    assert len(sizes) > 1
    assert read(tmp_path / "lease.json") == owner
    assert (tmp_path / "lease.json").stat().st_size == sum(sizes)
