"""Checks for room for a run's workers on a Ray cluster, and the messages if there is none."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from simgen.errors import InputError, SimgenError

_LOOK_SECONDS = 2.0
_BUSY_SECONDS = 10.0
"""Seconds after which users are told that the cluster is busy."""


@dataclass(frozen=True)
class Need:
    """The resources that a run requests from a cluster."""

    workers: int
    cpus: float
    """CPUs per worker."""
    gpus: float
    """GPUs per worker."""

    def fitting(self, nodes: Sequence[Mapping[str, float]]) -> int:
        """Return how many of the workers fit at once. nodes: resources of each, by Ray's names."""
        return min(self.workers, sum(self._fitting_on(node) for node in nodes))

    def _fitting_on(self, node: Mapping[str, float]) -> int:
        found = self.workers
        if self.cpus:
            found = min(found, int(node.get("CPU", 0.0) / self.cpus + 1e-6))
        if self.gpus > 1:
            found = min(found, int(node.get("GPU", 0.0) / self.gpus + 1e-6))
        elif self.gpus:  # a fraction is never split over two GPUs
            found = min(found, int(node.get("GPU", 0.0)) * int(1 / self.gpus + 1e-6))
        return found

    def __str__(self) -> str:
        count = "1 worker" if self.workers == 1 else f"{self.workers} workers"
        each = "" if self.workers == 1 else " each"
        return f"{count} with {_amounts(self.cpus, self.gpus)}{each}"


@dataclass
class Capacity:
    """Monitors whether the nodes of a cluster have room for the workers.

    nodes: returns the total resources of each living node, by Ray's names. growing: whether nodes
    may join the cluster. patience: seconds to wait for a node to join. say: shows the user a line.
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
    """Time since which no node has had room for a worker."""

    def taken(self) -> None:
        """Record that a worker is on a node."""
        self._worked = True

    def wait(self) -> None:
        """Check the nodes if a check is due; call this repeatedly while a worker has no node.
        Raises the errors of `look`."""
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self.look()

    def look(self) -> None:
        """Check the nodes now. Raises `InputError` if no node has room for a worker and none joined
        within `patience`, `SimgenError` if there used to be one, and the errors of `nodes`."""
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
            self._tell("the cluster is busy with other jobs; waiting for room")

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
        return f"requested {self.need}, found {_listed(nodes)} {where}:"

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
