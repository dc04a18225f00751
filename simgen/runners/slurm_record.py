"""What the tasks on Slurm tell whoever submitted them: a file of JSON lines each."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from simgen.store.layout import Layout


@dataclass(frozen=True)
class TaskEnd:
    """How a task came to its end by itself."""

    error: str = ""
    """Name of the error's class, empty for none."""
    message: str = ""


class TaskRecord:
    """Of one task. It is kept when the task is put back into the queue."""

    def __init__(self, place: Layout, round_number: int, task: int) -> None:
        self.path = place.slurm_tasks / f"round{round_number}-task{task}.jsonl"

    def gave_up(self, scene: int) -> None:
        self._append({"gave_up": scene})

    def ended(self, end: TaskEnd) -> None:
        self._append({"end": dataclasses.asdict(end)})

    def _append(self, line: dict[str, object]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def earlier_failures(place: Layout) -> set[int]:
    """The scenes that tasks of this run gave up so far."""
    readers = [RecordReader(path) for path in place.slurm_tasks.glob("round*-task*.jsonl")]
    for reader in readers:
        reader.look()
    return set().union(*(reader.gave_up for reader in readers))


class RecordReader:
    """Follows a task's record: reads what was added since it last looked."""

    def __init__(self, path: Path) -> None:
        self.gave_up: set[int] = set()
        self.end: TaskEnd | None = None
        self._path = path
        self._read = 0

    def look(self) -> None:
        for line in self._new_lines():
            said = json.loads(line)
            if "gave_up" in said:
                self.gave_up.add(said["gave_up"])
            else:
                self.end = TaskEnd(**said["end"])

    def _new_lines(self) -> list[bytes]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                new = file.read()
        except FileNotFoundError:  # the task has not begun
            return []
        whole = new[: new.rfind(b"\n") + 1]  # the last line may be on its way
        self._read += len(whole)
        return whole.splitlines()
