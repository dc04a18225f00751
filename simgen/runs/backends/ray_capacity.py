"""Whether a cluster has room for the workers of a run, and what users are told if it has not."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from simgen.errors import InputError, SimgenError

_LOOK_SECONDS = 2.0
_BUSY_SECONDS = 10.0
"""After which users are told that others have the cluster."""


@dataclass(frozen=True)
class Need:
    """What is asked of a cluster."""

    workers: int
    cpus: float
    """Of each worker."""
    gpus: float
    """Of each worker."""

    def fitting(self, nodes: Sequence[Mapping[str, float]]) -> int:
        """How many of the workers fit at once. nodes: what each has, by Ray's name of it."""
        return min(self.workers, sum(self._fitting_on(node) for node in nodes))

    def _fitting_on(self, node: Mapping[str, float]) -> int:
        found = self.workers
        if self.cpus:
            found = min(found, int(node.get("CPU", 0.0) / self.cpus + 1e-6))
        if self.gpus > 1:
            found = min(found, int(node.get("GPU", 0.0) / self.gpus + 1e-6))
        elif self.gpus:  # none is spread over two
            found = min(found, int(node.get("GPU", 0.0)) * int(1 / self.gpus + 1e-6))
        return found

    def __str__(self) -> str:
        count = "1 worker" if self.workers == 1 else f"{self.workers} workers"
        each = "" if self.workers == 1 else " each"
        return f"{count} with {_amounts(self.cpus, self.gpus)}{each}"


@dataclass
class Capacity:
    """Watches whether the nodes of a cluster can hold the workers.

    nodes: what each living node has, used or not, by Ray's names. growing: whether nodes may be
    added to it. patience: seconds to wait for one that is. say: shows the user a line.
    """

    need: Need
    nodes: Callable[[], Sequence[Mapping[str, float]]]
    growing: bool
    patience: float
    say: Callable[[str], None]
    _told: set[str] = field(default_factory=set)
    _began: float = field(default_factory=lambda: time.monotonic())
    _looked: float = float("-inf")
    _worked: bool = False
    _without: float | None = None
    """Since when no node could hold a worker."""

    def taken(self) -> None:
        """A worker is on a node."""
        self._worked = True

    def wait(self) -> None:
        """To be called again and again while a worker has no node. Raises what `look` raises."""
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self.look()

    def look(self) -> None:
        """Raise `InputError` when no node can hold a worker and none came within `patience`;
        `SimgenError` if there once was one. `nodes` may raise more."""
        nodes, now = self.nodes(), time.monotonic()
        self._looked = now
        fitting = self.need.fitting(nodes)
        if fitting == 0:
            self._wait_for_node(now, nodes)
            return
        self._without = None
        if fitting < self.need.workers:
            self._tell(f"{self._asked(nodes)} room for {fitting}, the others wait")
        elif not self._worked and now - self._began > _BUSY_SECONDS:
            self._tell("waiting for room on the cluster, which is busy with other jobs")

    def _wait_for_node(self, now: float, nodes: Sequence[Mapping[str, float]]) -> None:
        self._without = now if self._without is None else self._without
        line = f"{self._asked(nodes)} room for none"
        if self.growing and now - self._without < self.patience:
            self._tell(f"{line}; waiting {self.patience:g} s for another node")
            return
        kind = SimgenError if self._worked else InputError
        raise kind(
            f"runner=ray: {line}; lower runner.ray.cpus_per_worker or runner.ray.gpus_per_worker, "
            + ("or add nodes" if self.growing else "or set runner.ray.address to a larger cluster")
        )

    def _asked(self, nodes: Sequence[Mapping[str, float]]) -> str:
        where = "on the cluster" if self.growing else "on this machine"
        return f"asked for {self.need}, found {_listed(nodes)} {where}:"

    def _tell(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self.say(f"runner=ray: {line}")


def _listed(nodes: Sequence[Mapping[str, float]]) -> str:
    each = [_amounts(node.get("CPU", 0.0), node.get("GPU", 0.0)) for node in nodes]
    if len(each) == 1:
        return each[0]
    counts = Counter(each).items()
    return ", ".join(f"{n} node{'s' * (n > 1)} with {kind}" for kind, n in counts) or "no node"


def _amounts(cpus: float, gpus: float) -> str:
    cores = "1 CPU" if cpus == 1 else f"{cpus:g} CPUs"
    return f"{cores} and {gpus:g} GPU{'s' * (gpus > 1)}" if gpus else f"{cores} and no GPU"
