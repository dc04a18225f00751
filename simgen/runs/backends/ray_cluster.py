"""The Ray that workers run on: an existing cluster, or one on this machine that lives as long as
the run. Its own output is silenced: users get messages of simgen's."""

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
"""That a machine has to take a call. It need not be quick otherwise."""
_LOOK_SECONDS = 2.0
_SILENT_SECONDS = 20.0
"""Ray ends a process whose cluster's head was silent for 60."""
_END_SECONDS = 30.0
_OWN = {
    # Its name is about other systems, where Ray keeps to the loopback interface unless this is 1.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",  # access to a Ray is access to run code as its user
}


class Cluster:
    """A Ray that answers.

    head: its address. near: that of Ray's process on this machine; None for a client from outside.
    own: it was started for this run, and nothing will be added to it.
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
        """What each living node has, used or not, by Ray's names. Raises what `check` raises."""
        if self.check():
            found = self._ray.nodes()
            self._nodes = [node["Resources"] for node in found if node["Alive"]]
        return self._nodes

    def check(self) -> bool:
        """Whether Ray answers, as seen in the last seconds. Raises `SimgenError` when it is gone:
        Ray itself would block the caller, and end this process eventually."""
        now = time.monotonic()
        if now - self._looked > _LOOK_SECONDS:
            self._looked = now
            self._look(now)
        return self._answered >= self._looked

    def _look(self, now: float) -> None:
        if self._near is not None and _silence(self._near) is not None:
            raise SimgenError(
                "runner=ray: Ray has died on this machine; the same command continues"
            )
        if _silence(self._head) is None:
            self._answered = now
        elif now - self._answered > _SILENT_SECONDS:
            raise SimgenError(
                f"runner=ray: the head of Ray, {self._head}, has not answered for "
                f"{_SILENT_SECONDS:g} s; the same command continues"
            )


@contextmanager
def connected(address: str | None) -> Iterator[Cluster]:
    """Have Ray for a while. address: of a cluster; None starts a Ray on this machine, and ends it.

    Raises `InputError` when Ray is not installed or the cluster does not answer, and `SimgenError`
    when none can be started here.
    """
    environment = {"RAY_USAGE_STATS_ENABLED": "0"}
    if address is None:
        environment |= {**_OWN, "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with ExitStack() as after:
        after.enter_context(_environment(environment))
        own = after.enter_context(_own_ray()) if address is None else None
        ray = _imported()  # while it starts: that takes a second or two
        after.callback(ray.shutdown)
        head = str(address) if own is None else _address(own)
        _join(ray, head)
        near = None
        if not head.startswith("ray://"):
            head, near = _addresses(ray)
        yield Cluster(ray, head, near, own=address is None)


def _addresses(ray: Any) -> tuple[str, str | None]:
    """Of the cluster's head, and of Ray's process on this machine."""
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
    # There is no other way to keep "(raylet) A worker died" off the terminal.
    internals._worker_logs_enabled = False
    return ray


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Ray takes some settings from environment variables alone, when it is imported or started."""
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
    """Start a Ray on this machine. `_address` waits for it."""
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
        raise SimgenError(f"runner=ray: no Ray could be started here: {short(answer['error'])}")
    return str(answer["address"])


def _join(ray: Any, address: str) -> None:
    """Connect, and leave signals to whom they belonged. Raises `InputError`."""
    wanted = f"runner.ray.address={address}"
    at = os.environ.get("RAY_ADDRESS", address) if address == "auto" else address
    silence = _silence(at)
    if silence is not None:  # Ray itself tries for minutes
        raise InputError(
            f"{wanted}: nothing answers at {at}: {silence}; expected the address of the cluster's "
            "head"
        )
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL)
    except Exception as error:
        raise InputError(
            f"{wanted}: found no cluster to work on: {short(str(error))}; leave the address out "
            "for a Ray on this machine"
        ) from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _silence(address: str) -> str | None:
    """Why there is no answer at an address; None for an answer, or where it is no address."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return None
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_SECONDS).close()
    except OSError as error:
        return error.strerror or str(error)
    return None


def short(text: str) -> str:
    """A message of Ray's as a part of a line: it may go on for paragraphs."""
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) < 300 else text[:300].rsplit(" ", 1)[0] + " ..."
