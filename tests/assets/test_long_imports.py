"""Imports of many files: how far they are, and that what was stopped can be used and goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import trimesh
from conftest import run_simgen

from simgen.assets import entries, folder, journal, sandbox
from simgen.assets.importing import ImportOptions
from simgen.commands.assets import actions as commands
from simgen.commands.assets import pictures

SANDBOXED = pytest.mark.skipif(not sandbox.available(), reason="the kernel has no Landlock")


def models(place: Path, count: int) -> Path:
    for number in range(count):
        path = place / "box" / f"{number:02}.ply"
        path.parent.mkdir(parents=True, exist_ok=True)
        trimesh.creation.box((0.1, 0.1, 0.1 + 0.001 * number)).export(path)
    return place


def ended(words: list[str], stop: Callable[[str], bool], by: signal.Signals) -> list[str]:
    """What the command said that was sent a signal after a line, with all of its processes."""
    command = [sys.executable, "-m", "simgen", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        # What hangs is a failure, not a test run without an end.
        last = threading.Timer(120, os.killpg, (process.pid, signal.SIGKILL))
        last.start()
        said = []
        for line in process.stdout:
            said.append(line.rstrip())
            if stop(line):
                os.killpg(process.pid, by)
        last.cancel()
    assert process.returncode == (1 if by == signal.SIGINT else -by)
    return said


def stopped(words: list[str], stop: Callable[[str], bool]) -> list[str]:
    """What the command said that was sent Ctrl-C, as a terminal does, after a line."""
    return ended(words, stop, signal.SIGINT)


@pytest.mark.exhaustive
def test_an_import_that_is_stopped_goes_on(tmp_path: Path) -> None:
    source, library = models(tmp_path / "from", 30), tmp_path / "to"
    words = ["assets", "add", str(source), "--to", str(library), "--no-thumbnails"]
    said = stopped(words, lambda line: line.startswith("box/09.ply -> "))
    count = len(entries.read(library))
    assert 10 <= count < 30
    then = "run the same command to continue"
    usable = f"stopped: {count} assets in {library} are ready for use; {then}"
    assert said[-2:] == [usable, "stopped"]
    assert len(folder.load_all(library).assets) == count

    done = run_simgen(words)
    assert done.returncode == 0, done.stderr
    assert sum(" -> " in line for line in done.stdout.splitlines()) == 30 - count
    expected = f"{30 - count} assets imported into {library}, {count} imported earlier, 0 failed"
    assert expected in done.stdout
    assert {entry.id for entry in entries.read(library)} == {f"box/{n:02}" for n in range(30)}
    assert not (library / journal.FILE).exists()


@pytest.mark.exhaustive
def test_assets_of_a_killed_import_keep_their_names(tmp_path: Path) -> None:
    source, library = models(tmp_path / "from", 6), tmp_path / "to"
    words = ["assets", "add", str(source), "--to", str(library), "--no-thumbnails"]
    ended(words, lambda line: line.startswith("box/03.ply -> "), signal.SIGKILL)
    assert entries.read(library) == ()
    done = run_simgen(words)
    assert done.returncode == 0, done.stderr
    assert {entry.id for entry in entries.read(library)} == {f"box/{n:02}" for n in range(6)}
    assert sorted(p.name for p in (library / "box").rglob("*") if p.is_file()) == [
        f"{n:02}.ply" for n in range(6)
    ]


def test_an_asset_that_stopped_half_way_keeps_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, library = models(tmp_path / "from", 3), tmp_path / "to"
    write = Path.write_bytes

    def interrupted(path: Path, data: bytes) -> int:
        if path.name == "01.ply":
            raise KeyboardInterrupt
        return write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", interrupted)
        with pytest.raises(KeyboardInterrupt):
            commands.add(source, library, ImportOptions(), False, lambda line: None)
    assert [entry.id for entry in entries.read(library)] == ["box/00"]
    commands.add(source, library, ImportOptions(), False, lambda line: None)
    assert [entry.id for entry in entries.read(library)] == ["box/00", "box/01", "box/02"]


def kept_going(place: Path, wanted: ImportOptions) -> list[str]:
    """What is said by an import after one that was stopped at its fourth file."""
    said: list[str] = []

    def tell(line: str) -> None:
        said.append(line)
        if line.startswith("box/03.ply -> "):
            raise KeyboardInterrupt

    source = models(place / "from", 6)
    with pytest.raises(KeyboardInterrupt):
        commands.add(source, place / "to", ImportOptions(), False, tell)
    trimesh.creation.box((0.2, 0.2, 0.2)).subdivide().export(source / "box/01.ply")
    said.clear()
    commands.add(source, place / "to", wanted, False, said.append)
    return [line.split(" -> ")[0] for line in said if " -> " in line]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (ImportOptions(), (1, 4, 5)),  # one had changed
        (ImportOptions(licence="CC0-1.0"), range(6)),  # it is another import
    ],
)
@pytest.mark.exhaustive
def test_only_what_is_the_same_is_left_out(
    tmp_path: Path, wanted: ImportOptions, numbers: tuple[int, ...]
) -> None:
    again = kept_going(tmp_path, wanted)
    assert again == [f"box/{number:02}.ply" for number in numbers]
    assert len(entries.read(tmp_path / "to")) == 6


@pytest.mark.exhaustive
def test_after_an_import_all_is_taken_in_anew(tmp_path: Path) -> None:
    source = models(tmp_path / "from", 3)
    for _ in range(2):
        said: list[str] = []
        commands.add(source, tmp_path / "to", ImportOptions(), False, said.append)
        assert sum(" -> " in line for line in said) == 3


@SANDBOXED
@pytest.mark.render
@pytest.mark.slow
@pytest.mark.exhaustive
def test_thumbnails_are_counted_and_can_be_made_later(tmp_path: Path) -> None:
    source, library = models(tmp_path / "from", 20), tmp_path / "to"
    words = ["assets", "add", str(source), "--to", str(library)]
    said = stopped(words, lambda line: line.startswith("rendering 20 thumbnails"))
    assert "can already be used" in said[-3]
    sheet = tmp_path / "sheet.png"
    assert said[-2].startswith(f"stopped: 20 assets in {library} are ready for use; ")
    assert len(folder.load_all(library).assets) == 20

    known, told = entries.read(library), []
    before = len(known) - len(pictures.missing(library, known))
    commands.show_list(
        library, sheet, lambda line: None, lambda name: lambda done, total: told.append(done)
    )
    assert told[0] == 0
    assert told[-1] == len(known) - before
    assert told == sorted(told)
    assert len(told) > 2 or before > 4
    assert pictures.missing(library, known) == []
    assert sheet.is_file()
