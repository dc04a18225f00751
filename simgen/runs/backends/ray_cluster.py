"""The Ray cluster that workers run on: an existing one, or one on this machine for the duration of
the run. Ray's own output is silenced in favour of simgen's messages."""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from simgen.errors import InputError, SimgenError

_ANSWER_SECONDS = 5.0
"""Timeout for a machine to accept a connection; the only reaction time required of it."""
_LOOK_SECONDS = 2.0
_SILENT_SECONDS = 20.0
"""Seconds without a response from the head until the run ends. Ray itself would end the process
after 60."""
_END_SECONDS = 30.0
_OWN = {
    # Despite its name, 0 makes Ray use only the loopback interface on any system.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",  # whoever can access Ray can run code as its user
}


class Cluster:
    """A connected Ray cluster.

    head: address of its head. near: address of Ray's process on this machine; None for a client
    outside of the cluster. own: whether it was started for this run, so that no nodes will join.
    """

    def __init__(self, ray: Any, head: str, near: str | None, own: bool) -> None:
        self.own = own
        self._ray = ray
        self._head = head
        self._near = near
        self._looked = float("-inf")
        self._answered = time.monotonic()
        self._nodes: list[Mapping[str, float]] = []

    def nodes(self) -> list[Mapping[str, float]]:
        """Return the total resources of each living node, by Ray's names. Raises the errors of
        `check`."""
        if self.check():
            found = self._ray.nodes()
            self._nodes = [node["Resources"] for node in found if node["Alive"]]
        return self._nodes

    def check(self) -> bool:
        """Return whether Ray responded in the last seconds. Raises `SimgenError` if it is gone: Ray
        itself would block the caller, and eventually end this process."""
        now = time.monotonic()
        if now - self._looked > _LOOK_SECONDS:
            self._looked = now
            self._look(now)
        return self._answered >= self._looked

    def _look(self, now: float) -> None:
        if self._near is not None and _silence(self._near) is not None:
            raise SimgenError(
                "runner=ray: Ray has died on this machine; run the same command again to continue"
            )
        if _silence(self._head) is None:
            self._answered = now
        elif now - self._answered > _SILENT_SECONDS:
            raise SimgenError(
                f"runner=ray: Ray's head {self._head} has not responded for "
                f"{_SILENT_SECONDS:g} s; run the same command again to continue"
            )


@contextmanager
def connected(address: str | None) -> Iterator[Cluster]:
    """Connect to a Ray cluster for the duration of the context. address: of an existing cluster;
    None starts one on this machine, and ends it.

    Raises `InputError` if Ray is not installed or the cluster does not respond, and `SimgenError`
    if none can be started here.
    """
    environment = {"RAY_USAGE_STATS_ENABLED": "0"}
    if address is None:
        environment |= {**_OWN, "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with ExitStack() as after:
        after.enter_context(_environment(environment))
        own = after.enter_context(_own_ray()) if address is None else None
        ray = _imported()  # takes a second or two, in which the cluster starts
        after.callback(ray.shutdown)
        head = str(address) if own is None else _address(own)
        _join(ray, head)
        near = None
        if not head.startswith("ray://"):
            head, near = _addresses(ray)
        yield Cluster(ray, head, near, own=address is None)


def _addresses(ray: Any) -> tuple[str, str | None]:
    """Return the addresses of the cluster's head, and of Ray's process on this machine."""
    here = ray.get_runtime_context()
    node = next((node for node in ray.nodes() if node["NodeID"] == here.get_node_id()), None)
    near = None if node is None else f"{node['NodeManagerAddress']}:{node['NodeManagerPort']}"
    return here.gcs_address, near


def _imported() -> Any:
    try:
        import ray
        from ray._private import worker as internals
    except ModuleNotFoundError as error:
        raise InputError(
            f"runner=ray: found no module {error.name!r}; pip install 'simgen[ray]'"
        ) from error
    # There is no other way to suppress "(raylet) A worker died" in the terminal.
    internals._worker_logs_enabled = False
    return ray


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables temporarily: some settings of Ray are only read from there, when it
    is imported or started."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _own_ray() -> Iterator[subprocess.Popen[str]]:
    """Start a Ray cluster on this machine. `_address` waits for it."""
    process = subprocess.Popen(
        [sys.executable, "-P", str(Path(__file__).with_name("ray_head.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    answer = json.loads(process.stdout.readline() or '{"error": "its process died"}')
    if "error" in answer:
        raise SimgenError(f"runner=ray: could not start Ray here: {short(answer['error'])}")
    return str(answer["address"])


def _join(ray: Any, address: str) -> None:
    """Connect to a cluster, and restore the signal handlers that Ray replaces. Raises
    `InputError`."""
    wanted = f"runner.ray.address={address}"
    at = os.environ.get("RAY_ADDRESS", address) if address == "auto" else address
    silence = _silence(at)
    if silence is not None:  # Ray itself would retry for minutes
        raise InputError(
            f"{wanted}: no response from {at}: {silence}; expected the address of the cluster's "
            "head"
        )
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL)
    except Exception as error:
        raise InputError(
            f"{wanted}: cannot connect to a cluster: {short(str(error))}; omit the address to "
            "start Ray on this machine"
        ) from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _silence(address: str) -> str | None:
    """Return why an address does not respond; None if it does, or if it is not `host:port`."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return None
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_SECONDS).close()
    except OSError as error:
        return error.strerror or str(error)
    return None


def short(text: str) -> str:
    """Shorten a message of Ray, which may consist of paragraphs, to part of a line."""
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) < 300 else text[:300].rsplit(" ", 1)[0] + " ..."
