"""Runs on a real Ray: one of their own, and a cluster that loses workers and nodes on the way."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil
import pytest
from conftest import FLIGHT, content

from simgen.assets.catalogue import load_catalogue
from simgen.config import Config, RenderConfig
from simgen.config.running import RayConfig
from simgen.dataset.layout import Layout
from simgen.errors import InputError, SceneError, SimgenError
from simgen.runs.backends.on_ray import translated, with_reserved
from simgen.runs.backends.ray_actor import NodeCheck
from simgen.runs.backends.ray_capacity import Capacity, Need
from simgen.runs.backends.slots import WorkerLostError, WorkerTakenError
from simgen.runs.job import Job
from simgen.stages.resolver import ResolverSettings

PLUGINS = Path(__file__).parents[2] / "plugin"
WORDS = (*FLIGHT, "num_scenes=8", "frames_per_scene=1")
RAY = ("runner=ray", "runner.workers=2", "runner.retry_seconds=0.1")
TWO = {"CPU": 4.0, "GPU": 2.0}
BARE = {"CPU": 4.0}
NODE_LOST = "its node died|its node was preempted|its worker can no longer be reached"


def run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """more: environment variables."""
    process = start(folder, *words, **more)
    output, errors = process.communicate(timeout=900)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def start(folder: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simgen", *WORDS, f"output.dir={folder}", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | more, cwd=PLUGINS,
    )  # fmt: skip


def said(errors: str) -> list[str]:
    """The lines on stderr. None of them are Ray's own."""
    lines = errors.splitlines()
    assert all(line.startswith(("simgen: error: ", "runner=ray: ")) for line in lines), errors
    return lines


def wait_for(found: Callable[[], object], seconds: float = 300.0) -> None:
    until = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < until
        time.sleep(0.1)


def scenes(folder: Path) -> int:
    place = folder / "scenes"
    return len(list(place.iterdir())) if place.is_dir() else 0


def workers(folder: Path) -> list[psutil.Process]:
    """The processes that write the dataset's logs, in the order they began."""
    found = []
    for process in psutil.process_iter(["create_time"]):
        try:
            target = Path(os.readlink(f"/proc/{process.pid}/fd/1"))
        except OSError:
            continue
        if target.parent == folder / ".simgen" / "logs":
            found.append(process)
    return sorted(found, key=lambda process: process.info["create_time"])


def family(process: int) -> list[psutil.Process]:
    """All that a process started, and they in turn."""
    return psutil.Process(process).children(recursive=True)


def looked_at(processes: Sequence[psutil.Process]) -> tuple[set[str], set[str], list[str]]:
    """Names of processes, addresses that they listen at, and files that they have open. Those that
    have ended by now are passed over."""
    names, addresses, files = set(), set(), []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            names.add(process.name())
            for one in process.net_connections():
                if one.status == psutil.CONN_LISTEN:
                    addresses.add(one.laddr.ip)
            files += [file.path for file in process.open_files()]
    return names, addresses, files


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr("simgen.runs.backends.ray_capacity.time.monotonic", lambda: self.now)


@pytest.mark.parametrize(
    ("need", "nodes", "places"),
    [
        (Need(8, 1, 0), [BARE, BARE], 8),
        (Need(9, 1, 0), [BARE, BARE], 8),
        (Need(8, 3, 0), [BARE, BARE], 2),
        (Need(8, 1, 1), [BARE], 0),
        (Need(8, 1, 1), [BARE, TWO], 2),
        (Need(8, 1, 0.5), [TWO], 4),
        (Need(8, 0.1, 0.6), [TWO], 2),
        (Need(8, 1, 2), [TWO, TWO], 2),
        (Need(8, 0.1, 0), [BARE], 8),
        (Need(8, 1, 0), [], 0),
    ],
)
def test_workers_have_to_fit_on_nodes(
    need: Need, nodes: list[Mapping[str, float]], places: int
) -> None:
    assert need.fitting(nodes) == places


def test_a_cluster_without_room_is_waited_for_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said, nodes = Clock(monkeypatch), list[str](), [BARE, BARE, TWO]
    room = Capacity(Need(8, 1, 4), lambda: nodes, True, 30.0, said.append)
    for clock.now in (0.0, 10.0, 29.0):
        room.wait()
    assert said == [
        "runner=ray: requested 8 workers with 1 CPU and 4 GPUs each, found 2 nodes with 4 CPUs and "
        "no GPU, 1 node with 4 CPUs and 2 GPUs on the cluster: room for none; waiting 30 s for "
        "another node"
    ]
    clock.now = 33.0
    with pytest.raises(InputError, match=r"room for none; lower runner\.ray\.cpus_per_worker"):
        room.wait()


def test_room_that_was_there_and_is_gone_is_no_mistake_of_the_users(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, said, nodes = Clock(monkeypatch), list[str](), [BARE]
    room = Capacity(Need(5, 1, 0), lambda: nodes, True, 30.0, said.append)
    room.look()
    assert said == [
        "runner=ray: requested 5 workers with 1 CPU and no GPU each, found 4 CPUs and no GPU on "
        "the cluster: room for 4, the others wait"
    ]
    room.taken()
    nodes.clear()
    room.look()
    nodes.append(BARE)  # it came back
    clock.now = 31.0
    room.look()
    nodes.clear()
    room.look()
    clock.now = 62.0
    with pytest.raises(SimgenError, match="found no node on the cluster") as raised:
        room.look()
    assert not isinstance(raised.value, InputError)


def test_a_ray_of_its_own_does_not_grow() -> None:
    room = Capacity(Need(1, 1, 1), lambda: [BARE], False, 60.0, print)
    with pytest.raises(InputError, match=r"set runner\.ray\.address to a larger cluster"):
        room.look()


def test_a_node_that_differs_is_refused(tmp_path: Path) -> None:
    versions = {name: importlib.metadata.version(name) for name in ("bpy", "simgen")}
    token = tmp_path / ".simgen" / "scratch" / "ray-1"
    token.parent.mkdir(parents=True)
    token.touch()
    assert NodeCheck(versions, token).run() == NodeCheck(versions, None).run()
    with pytest.raises(InputError, match=r"found bpy 5\.[\d.]+, expected 5\.1\.2 as on the driver"):
        NodeCheck(versions | {"bpy": "5.1.2"}, token).run()
    with pytest.raises(InputError, match="found no-such-thing none, expected 1"):
        NodeCheck({"no-such-thing": "1"}, None).run()
    token.unlink()
    with pytest.raises(InputError, match=f"cannot access {tmp_path} of"):
        NodeCheck(versions, token).run()


@pytest.mark.exhaustive
def test_errors_of_rays_become_simgens() -> None:
    from ray.exceptions import (
        ActorDiedError,
        ActorUnavailableError,
        NodeDiedError,
        RayActorError,
        RayTaskError,
    )

    raised = RayTaskError("make", "Traceback ...", SceneError("no view")).as_instanceof_cause()
    assert type(translated(raised)) is SceneError
    assert str(translated(raised)) == "no view"
    for error, kind, reason in (
        (ActorDiedError(), WorkerLostError, "died: killed, out of memory, or crashed"),
        (
            NodeDiedError("The node died: preemption. ip: 10.0.0.3"), WorkerTakenError,
            "node died on node 10.0.0.3",
        ),
        (RayActorError(preempted=True), WorkerTakenError, "node was preempted"),
        (ActorUnavailableError("no answer", None), WorkerTakenError, "no longer be reached"),
    ):  # fmt: skip
        found = translated(error)
        assert type(found) is kind
        assert reason in str(found)


@pytest.mark.slow
def test_without_ray_the_user_is_told_what_to_install(tmp_path: Path) -> None:
    hidden = tmp_path / "ray" / "__init__.py"
    hidden.parent.mkdir()
    hidden.write_text("raise ModuleNotFoundError(\"No module named 'ray'\", name='ray')")
    done = run(tmp_path / "dataset", *RAY, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "found no module 'ray'; pip install 'simgen[ray]'" in said(done.stderr)[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("127.0.0.1:9", "no response from 127.0.0.1:9: Connection refused"),
        ("nonsense", "Invalid address format"),
    ],
)
@pytest.mark.exhaustive
def test_a_cluster_that_is_not_there_is_said_in_a_line(
    address: str, told: str, tmp_path: Path
) -> None:
    done = run(tmp_path / "dataset", *RAY, f"runner.ray.address={address}")
    assert done.returncode == 2
    assert told in said(done.stderr)[0]


@pytest.mark.parametrize(
    ("device", "gpus", "told"),
    [("optix", 0.0, "set runner.ray.gpus_per_worker"), ("cpu", 1.0, "reserves GPUs")],
)
def test_a_device_that_workers_may_not_use_is_refused(device: str, gpus: float, told: str) -> None:
    config = Config(render=RenderConfig(device=device))
    settings = ResolverSettings()
    job = Job(config, load_catalogue(config.assets, {}), Layout(Path("x")), settings, 1)
    with pytest.raises(InputError, match=told):
        with_reserved(job, RayConfig(gpus_per_worker=gpus))


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a local worker makes."""
    folder = tmp_path_factory.mktemp("reference") / "dataset"
    done = run(folder)
    assert done.returncode == 0, done.stderr
    return content(folder)


@pytest.mark.render
@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_run_with_a_ray_of_its_own_is_stopped_killed_and_goes_on_quietly(
    reference: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "dataset"
    for number, code in ((signal.SIGINT, 1), (signal.SIGKILL, -signal.SIGKILL)):
        there = scenes(folder)
        process = start(folder, *RAY)
        wait_for(lambda: scenes(folder) > there)  # noqa: B023
        started = family(process.pid)
        # As a terminal does: to all processes of the session. Or to the supervisor alone.
        (os.kill if code < 0 else os.killpg)(process.pid, number)
        _, errors = process.communicate(timeout=120)
        assert process.returncode == code
        assert code < 0 or "run the same command again" in said(errors)[-1]
        assert not psutil.wait_procs(started, timeout=30)[1]
    for scene in range(2, 8):  # two may have been all
        shutil.rmtree(folder / "scenes" / f"{scene:06d}", ignore_errors=True)
    quiet_and_alone(folder)
    assert content(folder) == reference


def quiet_and_alone(folder: Path) -> None:
    """Continue a dataset, by a Ray of its own which nobody sees and of which nothing is left."""
    process = start(folder, *RAY)
    wait_for(lambda: len(workers(folder)) == 2)
    started = family(process.pid)
    names, addresses, files = looked_at(started)
    assert "raylet" in names
    assert addresses <= {"127.0.0.1", "::ffff:127.0.0.1"}
    own = Path(next(path for path in files if "simgen-ray-" in path))
    output, errors = process.communicate(timeout=900)
    assert process.returncode == 0, errors
    assert not errors
    assert "ray" not in output.replace(str(folder), "").lower()
    assert not psutil.wait_procs(started, timeout=1)[1]
    assert not Path(*own.parts[:3]).exists()
    assert (folder / ".simgen" / "logs" / "worker-1.out").is_file()


class Node:
    """Processes that are a node of a Ray cluster, as `ray start` makes it.

    environment: on top of this process's.
    """

    def __init__(self, log: Path, environment: Mapping[str, str], *words: str) -> None:
        command = [str(Path(sys.executable).parent / "ray"), "start", "--block", *words]
        command += ["--object-store-memory=80000000", "--disable-usage-stats"]
        with log.open("w") as file:
            self.process = subprocess.Popen(
                command, stdout=file, stderr=file, start_new_session=True,
                env=os.environ | environment,
            )  # fmt: skip
        wait_for(lambda: "block forever" in log.read_text() or self.process.poll() is not None)
        assert self.process.poll() is None, log.read_text()

    def end(self) -> list[psutil.Process]:
        """Kill all of it at once, as a power cut does. Returns what was killed."""
        if self.process.poll() is not None:
            return []
        processes = family(self.process.pid)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return processes


class Cluster:
    """A Ray cluster, to begin with of a head alone, which has no core to give away.

    key: environment of who works on it.
    """

    def __init__(self, folder: Path) -> None:
        self.key = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._address = f"127.0.0.1:{free.getsockname()[1]}"
        port = self._address.rpartition(":")[2]
        self._up: list[Node] = []
        self._add("--head", f"--port={port}", "--num-cpus=0", "--include-dashboard=false",
                  f"--temp-dir={folder}/r")  # fmt: skip

    @property
    def word(self) -> str:
        return f"runner.ray.address={self._address}"

    def add(self, **more: str) -> Node:
        """Another node, of one core. more: environment variables of it."""
        return self._add(f"--address={self._address}", "--num-cpus=1", **more)

    def _add(self, *words: str, **more: str) -> Node:
        self._up.append(Node(self._folder / f"node{len(self._up)}.log", self.key | more, *words))
        return self._up[-1]

    def end(self) -> None:
        processes = [process for node in reversed(self._up) for process in node.end()]
        # Ray's helpers notice within a minute that they are alone.
        for process in psutil.wait_procs(processes, timeout=2)[1]:
            process.kill()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Its nodes are those that a test adds, and has to end."""
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:  # paths of sockets have to be short
        made = Cluster(Path(folder))
        yield made
        made.end()


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_node_without_simgen_is_named_before_anything_is_tried(
    cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "other" / "simgen").mkdir(parents=True)
    (tmp_path / "other" / "simgen" / "__init__.py").touch()
    node = cluster.add(PYTHONPATH=str(tmp_path / "other"))
    done = run(tmp_path / "dataset", *RAY, cluster.word, **cluster.key)
    node.end()
    assert done.returncode == 2
    assert "a node of the cluster has no module 'simgen." in said(done.stderr)[-1]


@pytest.mark.render
@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_cluster_that_loses_workers_and_a_node_makes_every_scene_once(
    cluster: Cluster, reference: dict[str, bytes], tmp_path: Path
) -> None:
    hung = tmp_path / "hung"  # workers have the environment of their node
    nodes = [cluster.add(SIMGEN_TEST_HUNG=str(hung)) for _ in range(2)]
    try:
        whatever_goes_wrong_in_scenes(cluster, tmp_path / "wrong")
        folder = tmp_path / "dataset"
        without_gpu = ("runner.workers=8", "runner.ray.gpus_per_worker=1")
        at = (*RAY, cluster.word)
        done = run(folder, *at, *without_gpu, "runner.ray.wait_seconds=3", **cluster.key)
        assert done.returncode == 2
        waits, ends = said(done.stderr)
        asked = "requested 8 workers with 1 CPU and 1 GPU each, found"
        assert asked in waits
        assert asked in ends
        assert "2 nodes with 1 CPU and no GPU" in ends

        # A worker that is killed there looks like one that crashed; a node that dies costs nothing.
        process = start(folder, *at, "runner.max_retries=1", **cluster.key)
        wait_for(lambda: scenes(folder) >= 1)
        workers(folder)[0].kill()
        wait_for(lambda: scenes(folder) >= 3)
        nodes[0].end()
        _, errors = process.communicate(timeout=900)
        assert process.returncode == 0, errors
        said(errors)
        assert content(folder) == reference
        wait_for(lambda: not workers(folder))
    finally:
        for node in nodes:
            node.end()
    log = (folder / ".simgen" / "logs" / "run.jsonl").read_text()
    assert re.search(f"its worker process on node|{NODE_LOST}", log)
    done_lines = [line for line in log.splitlines() if " is done" in line]
    assert len(done_lines) == len({json.loads(line)["scene"] for line in done_lines}) == 8


def whatever_goes_wrong_in_scenes(cluster: Cluster, folder: Path) -> None:
    """It is judged as with workers of this machine."""
    done = run(
        folder, "--plugin", "at_times_wrong", *RAY, cluster.word, "num_scenes=4",
        "runner.max_retries=1", "runner.scene_timeout=60", **cluster.key,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    failures = {}
    for file in (folder / ".simgen" / "failed").glob("*/failure.json"):
        failure = json.loads(file.read_text())
        failures[failure["scene"]] = (failure["attempts"], failure["reason"])
    log = (folder / ".simgen" / "logs" / "run.jsonl").read_text()
    # The cluster may still count on the node of an earlier test, which is no fault of a scene.
    reasons = [line for line in map(json.loads, log.splitlines()) if "reason" in line]
    lost = Counter(line["scene"] for line in reasons if re.search(NODE_LOST, line["reason"]))
    assert failures == {
        1: (1 + lost[1], "scene 1 cannot be"),
        2: (2 + lost[2], "OddError: scene 2 is odd"),
    }
    assert sorted(os.listdir(folder / "scenes")) == ["000000", "000003"]
    assert "took longer than runner.scene_timeout" in log
