"""Datasets in object storage: a real S3 server, which fails as real ones do."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import FLIGHT, content
from fsspec import config, get_filesystem_class
from fsspec.registry import _registry
from s3_server import S3Server, s3_server
from synthetic import write_dataset

import simgen
from simgen import cli
from simgen.assets.catalogue import Catalogue
from simgen.config import Config
from simgen.config.running import OutputConfig, RunConfig
from simgen.dataset import commits, manifest, remote
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.errors import DiskError, InputError
from simgen.labels import record as records
from simgen.labels.annotate import FrameLabels
from simgen.labels.registry import image_files
from simgen.runs import workspace

BUCKET = "data"
FLAKY = {
    "internal": 0.06, "unavailable": 0.03, "slow_down": 0.03,
    "drop_request": 0.05, "drop_response": 0.05,
}  # fmt: skip
"""More than a fifth of all requests."""
HURRIED = {"FSSPEC_S3_CONFIG_KWARGS": '{"read_timeout": 1, "connect_timeout": 1}'}
"""Environment of a process that waits a second where it would wait for longer."""
GIVEN_UP = "(no answer within 8 s|Read timeout)"
"""What is said of an upload without an answer. The client's limit for the answer holds as well when
the server has taken the file before it falls silent, and then ends first."""


@pytest.fixture(scope="module")
def started() -> Iterator[S3Server]:
    with s3_server() as server:
        server.client().create_bucket(Bucket=BUCKET)
        yield server


@pytest.fixture
def server(started: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """The server without faults, and an environment in which this process finds it."""
    for name, value in started.environment().items():
        monkeypatch.setenv(name, value)
    get_filesystem_class("s3").clear_instance_cache()  # connections to another test's server
    yield started
    started.faults()


@pytest.fixture
def uri(request: pytest.FixtureRequest) -> str:
    """A prefix of one's own."""
    name = request.node.name.encode()
    return f"s3://{BUCKET}/some where/{hashlib.sha256(name).hexdigest()[:8]}"


def layout(uri: str, folder: Path) -> Layout:
    return Layout(remote.locate(uri), folder / ".simgen")


def begun(uri: str, folder: Path) -> Layout:
    place = layout(uri, folder)
    commits.begin(place)
    return place


def stored(server: S3Server, uri: str) -> dict[str, bytes]:
    """All that is below a URI."""
    return server.content(BUCKET, uri.removeprefix(f"s3://{BUCKET}/") + "/")


def data(server: S3Server, uri: str) -> dict[str, bytes]:
    """What a folder would hold too."""
    found = stored(server, uri)
    return {name: found[name] for name in found if not name.startswith(("commits/", ".simgen/"))}


def same_arrays(sample: simgen.Sample, labels: FrameLabels) -> bool:
    return all(
        getattr(sample, name).tobytes() == labels.images[name].tobytes()
        if name in labels.images
        else getattr(sample, name) is None
        for name in image_files()
        if name in sample.labels
    )


# --- one scene ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.exhaustive
def test_what_was_written_comes_back_and_is_what_a_folder_would_hold(
    server: S3Server, uri: str, tmp_path: Path
) -> None:
    written = write_dataset(begun(uri, tmp_path))
    write_dataset(tmp_path / "local")
    assert data(server, uri) == content(tmp_path / "local")
    dataset = simgen.open(uri + "/")
    assert [(sample.scene, sample.frame) for sample in dataset] == list(written)
    for sample in dataset:
        assert same_arrays(sample, written[sample.scene, sample.frame])
    local = simgen.open(tmp_path / "local")
    assert records.dumps(dataset[1].record) == records.dumps(local[1].record)
    assert dataset.spec(2) == local.spec(2)
    assert np.array_equal(dataset.tracks(0).points, local.tracks(0).points)
    with pytest.raises(InputError, match="has no scene 1; it holds 2 scenes from 0 to 2"):
        dataset.spec(1)
    assert not list((tmp_path / ".simgen" / "staging").iterdir())


def test_a_marker_says_what_the_scene_consists_of(
    server: S3Server, uri: str, tmp_path: Path
) -> None:
    write_dataset(begun(uri, tmp_path), ("rgb", "depth"), scenes=(7,))
    found = stored(server, uri)
    marker = json.loads(found["commits/000007.json"])
    assert marker["scene"] == 7
    assert len(marker["files"]) == 3 * 3 + 1
    for name, described in marker["files"].items():
        file = found[f"scenes/000007/{name}"]
        assert described == {"bytes": len(file), "sha256": hashlib.sha256(file).hexdigest()}


@pytest.mark.slow
@pytest.mark.exhaustive
def test_faults_on_the_way_change_nothing(server: S3Server, uri: str, tmp_path: Path) -> None:
    write_dataset(tmp_path / "local")
    before = server.counts()
    server.faults(**FLAKY)
    written = write_dataset(begun(uri, tmp_path))
    dataset = simgen.open(uri)
    assert all(same_arrays(item, written[item.scene, item.frame]) for item in dataset)
    server.faults()
    assert data(server, uri) == content(tmp_path / "local")
    new = server.counts() - before
    assert all(new[f"fault {name}"] > 0 for name in FLAKY)


@pytest.mark.parametrize("reached", [0, 1, 6])
@pytest.mark.corpus(1)
def test_a_scene_whose_upload_was_cut_is_not_there_and_is_made_anew(
    reached: int, server: S3Server, uri: str, tmp_path: Path
) -> None:
    place = begun(uri, tmp_path)
    write_dataset(place, ("rgb", "depth"), scenes=(0,))
    server.faults(after=1 + reached, refuse=1.0)  # dataset.json goes up first
    with pytest.raises(DiskError, match=r"cannot be written: .*the scenes committed so far"):
        write_dataset(place, ("rgb", "depth"), scenes=(1,))
    server.faults()
    half = [name for name in stored(server, uri) if name.startswith("scenes/000001/")]
    assert len(half) < 10
    assert place.committed() == [0]
    assert Dataset(place.root).scenes == (0,)
    assert [path.name for path in place.staged(1)[0].iterdir()] == ["spec.json"]
    write_dataset(place, ("rgb", "depth"), scenes=(1,))
    assert Dataset(place.root).scenes == (0, 1)
    write_dataset(tmp_path / "local", ("rgb", "depth"), scenes=(0, 1))
    assert data(server, uri) == content(tmp_path / "local")


@pytest.mark.slow
@pytest.mark.exhaustive
def test_what_cannot_be_reached_is_tried_for_a_while_only(
    uri: str, monkeypatch: pytest.MonkeyPatch, server: S3Server
) -> None:
    server.faults(internal=1.0)
    begun = time.monotonic()
    with pytest.raises(DiskError, match=r"000000\.json: cannot be written: Please try again"):
        remote.write_bytes(remote.locate(uri) / "000000.json", b"", patience=1.0)
    assert 0.9 < time.monotonic() - begun < 20
    with pytest.raises(DiskError, match="cannot be read"):
        remote.read_bytes(remote.locate(uri) / "000000.json", patience=1.0)


# --- many scenes --------------------------------------------------------------------------------


def test_listing_takes_a_request_for_a_thousand_scenes(server: S3Server, uri: str) -> None:
    place = Layout(remote.locate(uri))
    remote.write_bytes(place.begun, b"{}")
    prefix = uri.removeprefix(f"s3://{BUCKET}/")
    server.fill(BUCKET, [f"{prefix}/commits/{scene:06d}.json" for scene in range(1100)])
    before = server.counts()
    assert place.committed() == list(range(1100))
    assert server.counts() - before == {"LIST": 2}


def test_a_listing_is_never_an_old_one(server: S3Server, uri: str, tmp_path: Path) -> None:
    place = begun(uri, tmp_path)
    assert place.committed() == []
    write_dataset(place, ("rgb",), scenes=(0,))
    assert place.committed() == [0]
    elsewhere = server.client()  # another machine's run
    key = str(place.marker(1)).removeprefix(f"s3://{BUCKET}/")
    elsewhere.put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    assert place.committed() == [0, 1]
    elsewhere.delete_object(Bucket=BUCKET, Key=key)
    assert place.committed() == [0]


# --- datasets that move -------------------------------------------------------------------------


def test_a_folder_that_was_copied_into_storage_can_be_read_and_is_not_continued(
    server: S3Server, uri: str, tmp_path: Path
) -> None:
    written = write_dataset(tmp_path / "local", ("rgb",))
    for name, file in content(tmp_path / "local").items():
        remote.write_bytes(remote.locate(uri) / name, file)
    assert all(same_arrays(item, written[item.scene, item.frame]) for item in simgen.open(uri))
    with pytest.raises(InputError, match="copied from a folder"):
        commits.begin(layout(uri, tmp_path))
    assert data(server, uri) == content(tmp_path / "local")


def test_a_dataset_that_was_copied_out_of_storage_goes_on_by_its_markers(
    server: S3Server, uri: str, tmp_path: Path
) -> None:
    place = begun(uri, tmp_path)
    write_dataset(place, ("rgb",), scenes=(0,))
    server.faults(after=3, refuse=1.0)
    with pytest.raises(DiskError):
        write_dataset(place, ("rgb",), scenes=(1,))
    server.faults()
    copy = tmp_path / "copy"
    for name, file in stored(server, uri).items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(file)
    assert (copy / "scenes" / "000001").is_dir()
    assert simgen.open(copy).scenes == (0,)  # half a scene is none here either
    write_dataset(copy, ("rgb",), scenes=(1,))
    assert simgen.open(copy).scenes == (0, 1)
    write_dataset(tmp_path / "local", ("rgb",), scenes=(0, 1))
    whole = content(tmp_path / "local")
    assert {name: file for name, file in content(copy).items() if name in whole} == whole


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_other_kinds_of_storage(kind: str, tmp_path: Path) -> None:
    uri = f"{kind}://{tmp_path}/there"
    written = write_dataset(begun(uri, tmp_path))
    dataset = simgen.open(uri)
    assert len(dataset) == 6
    assert all(same_arrays(item, written[item.scene, item.frame]) for item in dataset)
    remote.check_access(remote.locate(uri))
    if kind == "file":
        assert simgen.open(tmp_path / "there").scenes == dataset.scenes


# --- processes ----------------------------------------------------------------------------------


def depth_of(dataset: Dataset, index: int) -> bytes:
    return dataset[index].depth.tobytes()


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_dataset_travels_to_spawned_and_forked_processes(
    server: S3Server, uri: str, tmp_path: Path
) -> None:
    write_dataset(begun(uri, tmp_path), ("rgb", "depth"))
    dataset = simgen.open(uri)
    expected = [sample.depth.tobytes() for sample in dataset]  # this process has connections by now
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(depth_of, (dataset, 4)) == expected[4]
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(depth_of, (dataset, 3)).get(30) == expected[3]


def test_nothing_secret_travels_or_is_written(server: S3Server, uri: str, tmp_path: Path) -> None:
    place = begun(uri, tmp_path)
    write_dataset(place, ("rgb",))
    secrets = (b"not-very-secret", b"AKIATEST")
    written = [pickle.dumps(place), *stored(server, uri).values(), *content(tmp_path).values()]
    assert not [found for found in written if any(secret in found for secret in secrets)]


# --- the command --------------------------------------------------------------------------------


def command(*words: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **changes}
    known = {key: value for key, value in environment.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-m", "simgen", *words],
        capture_output=True, text=True, timeout=300, env=known, check=False,
    )  # fmt: skip


def refused(capsys: pytest.CaptureFixture[str], *words: str, code: int = 2) -> str:
    """What is said to a command that is refused, in one line. It runs in this process, since it
    comes to nothing that would stay."""
    assert cli.main([*FLIGHT, *words]) == code
    errors = capsys.readouterr().err
    assert len(errors.strip().splitlines()) == 1
    return errors


SECRETS = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
REFUSED: dict[str, tuple[str, str]] = {
    "wrong bucket": ("s3://nobody-has-this", "no such bucket"),
    "no credentials": (f"s3://{BUCKET}/x", "no usable credentials"),
    "not a bucket's name": ("s3://no%bucket/x", "cannot be written to"),
    "password": ("s3://me:secret@data/x", "contains a user name or password"),
    "memory": ("memory://x", "is lost when the process ends"),
    "a folder's name": ("data/x", "expected a URI such as s3://bucket/prefix"),
    "unknown kind": ("s4://data/x", "unknown protocol"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.corpus(3)
def test_what_cannot_work_is_one_line_at_once(
    case: str, server: S3Server, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    uri, message = REFUSED[case]
    if case == "no credentials":
        for name in SECRETS:
            monkeypatch.delenv(name)
    said = refused(capsys, f"output.dir={tmp_path / 'own'}", f"output.uri={uri}")
    assert message in said
    assert "me:secret" not in said
    assert not (tmp_path / "own").exists()


def test_no_permission_is_one_line_at_once(
    server: S3Server, uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults(refuse=1.0)
    assert "access was refused" in refused(capsys, f"output.dir={tmp_path}", f"output.uri={uri}")


@pytest.mark.slow
@pytest.mark.exhaustive
def test_an_endpoint_that_refuses_or_never_answers_is_one_line_after_a_while(
    server: S3Server, uri: str, tmp_path: Path
) -> None:
    """In processes of their own, since nothing else may be said as they end."""
    server.faults(silent=1.0)
    words = [*FLIGHT, f"output.dir={tmp_path / 'own'}", f"output.uri={uri}"]
    with ThreadPoolExecutor(2) as pool:  # most of it is waiting
        refusing = pool.submit(command, *words, AWS_ENDPOINT_URL="http://127.0.0.1:9")
        silent = pool.submit(command, *words, **HURRIED)
    for done in (refusing.result(), silent.result()):
        assert done.returncode == 1, done.stderr
        assert f"output.uri={uri}: cannot be reached" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert "not-very-secret" not in done.stderr
    assert re.search(GIVEN_UP, silent.result().stderr)
    assert not (tmp_path / "own").exists()


def test_a_missing_package_is_named(
    uri: str, server: S3Server, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, "s3fs", None)  # as if it were not installed
    monkeypatch.delitem(_registry, "s3", raising=False)
    assert "pip install 'simgen[s3]'" in refused(
        capsys, f"output.dir={tmp_path}", f"output.uri={uri}"
    )
    assert cli.main(["replay", uri, "--scene", "0"]) == 2
    errors = capsys.readouterr().err
    assert "pip install 'simgen[s3]'" in errors
    assert len(errors.strip().splitlines()) == 1


def test_reading_where_nothing_is(uri: str, server: S3Server) -> None:
    with pytest.raises(InputError, match=r"no simgen dataset here \(no dataset.json\)"):
        simgen.open(uri)
    with pytest.raises(InputError, match="no simgen dataset here"):
        simgen.open("s3://nobody-has-this/x")


@pytest.mark.exhaustive
def test_a_prefix_with_other_files_is_refused(
    server: S3Server, uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remote.write_bytes(remote.locate(uri) / "thesis.txt", b"all of it")
    said = refused(capsys, f"output.dir={tmp_path}", f"output.uri={uri}")
    assert "contains other files (thesis.txt, ...)" in said
    assert set(stored(server, uri)) == {"thesis.txt"}


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simgen", *FLIGHT, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def wait_for_scenes(place: Layout, count: int, run: subprocess.Popen[str]) -> None:
    for _ in range(600):
        if len(place.committed()) >= count:
            return
        assert run.poll() is None, run.communicate()
        time.sleep(0.2)
    raise AssertionError("no scene was made in two minutes")


@pytest.mark.render
@pytest.mark.exhaustive
def test_a_run_into_flaky_storage_killed_on_its_way_ends_in_the_bytes_of_a_folder(
    flight_folder: Path, server: S3Server, uri: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    own = ["runner.workers=2", f"output.dir={tmp_path / 'own'}", f"output.uri={uri}"]
    place = layout(uri, tmp_path / "own")
    server.faults(**FLAKY)
    run = start(*own, "num_scenes=2")
    wait_for_scenes(place, 1, run)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    server.faults()
    for scene in place.committed():  # whole, whatever else was on its way
        marker = json.loads(remote.read_bytes(place.marker(scene)))
        for name, described in marker["files"].items():
            file = remote.read_bytes(place.scene(scene) / name)
            assert hashlib.sha256(file).hexdigest() == described["sha256"]
    server.faults(**FLAKY)
    tasks = ("runner=slurm", "runner.slurm.cluster=local", "runner.slurm.tasks=2")
    done = command(*FLIGHT, *own, *tasks, "runner.workers=1")  # it goes on, and grows, elsewhere
    assert done.returncode == 0, done.stdout + done.stderr
    assert uri in done.stdout.replace("\n", "")
    server.faults()
    assert data(server, uri) == content(flight_folder)
    assert not [name for name in stored(server, uri) if name.startswith(".simgen/probe")]
    again = command("replay", uri, "--scene", "1")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "all 11 files are identical" in again.stdout
    assert "render.samples is 1 there and 3 in this run" in refused(
        capsys, *own, "render.samples=3"
    )


@pytest.mark.render
@pytest.mark.exhaustive
def test_a_second_run_is_refused_and_credentials_that_end_stop_a_run_with_whole_scenes(
    server: S3Server, uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = [f"output.dir={tmp_path}", f"output.uri={uri}", "num_scenes=90", "runner.max_retries=1"]
    run = start(*own, "runner.retry_seconds=0.1")
    place = layout(uri, tmp_path)
    wait_for_scenes(place, 1, run)
    elsewhere = (f"output.dir={tmp_path / 'other'}", f"output.uri={uri}")
    assert "another simgen run is writing this dataset" in refused(capsys, *elsewhere)
    server.faults(refuse=1.0)
    _, errors = run.communicate(timeout=300)
    server.faults()
    assert run.returncode == 1, errors
    assert "cannot be written" in errors
    assert "the scenes committed so far are complete" in errors
    assert "Traceback" not in errors
    assert place.committed() == list(range(len(place.committed())))


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_server_that_takes_requests_and_never_answers_is_given_up(
    server: S3Server, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For uploads too, whose time the client does not limit by itself."""
    hurried = json.loads(HURRIED["FSSPEC_S3_CONFIG_KWARGS"])
    monkeypatch.setitem(config.conf, "s3", {"config_kwargs": hurried})
    root = remote.locate(uri)
    files = [tmp_path / f"{number}.png" for number in range(80)]
    for file in files:
        file.write_bytes(bytes(100))
    server.faults(silent=1.0)
    begun = time.monotonic()
    with pytest.raises(DiskError, match=f"cannot be written: {GIVEN_UP}"):
        remote.upload([(file, root / file.name) for file in files], patience=1.0)
    # Eight at a time; those that would come next are not begun.
    assert time.monotonic() - begun < 60  # 80 at least if all were tried
    with pytest.raises(DiskError, match="cannot be read: Read timeout"):
        remote.read_bytes(root / "a", patience=1.0)


def test_an_error_that_is_no_fault_of_the_storage_is_not_hidden(server: S3Server, uri: str) -> None:
    with pytest.raises(TypeError):
        remote.write_bytes(remote.locate(uri) / "x", 3)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("asked", ["dataset.json", "commits/begun.json"])
def test_a_shard_begins_beside_one_that_commits_its_first_scene_meanwhile(
    server: S3Server, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """Just after the first has found that there is no dataset yet."""
    size, root, scene = remote.size, remote.locate(uri), tmp_path / "scene"
    scene.mkdir()
    (scene / "spec.json").write_text("{}")

    def answer(path: remote.AnyPath) -> int:
        found = size(path)
        if path == root / asked:
            monkeypatch.setattr(remote, "size", size)
            assert begin_shard(uri, tmp_path, 1) == []
            commits.publish(layout(uri, tmp_path), scene, 1)
        return found

    monkeypatch.setattr(remote, "size", answer)
    assert begin_shard(uri, tmp_path, 0) in ([], [1])
    assert layout(uri, tmp_path).committed() == [1]


def begin_shard(uri: str, folder: Path, number: int) -> list[int]:
    """What one of two shards finds committed as it begins."""
    config = Config(output=OutputConfig(uri=uri), run=RunConfig(shard=f"{number}/2"))
    place = workspace.locate(config, folder / str(number))
    catalogue = Catalogue((), frozenset(), {}, (), ())
    described = manifest.make_manifest(config, (), (), "")
    with workspace.held(place, config, described, print):
        return workspace.begin(place, described, catalogue, shared=True)


@pytest.mark.render
@pytest.mark.exhaustive
def test_shards_on_two_machines_write_one_dataset_into_flaky_storage(
    flight_folder: Path, server: S3Server, uri: str, tmp_path: Path
) -> None:
    server.faults(**FLAKY)
    words = (f"output.uri={uri}", "runner.retry_seconds=0.1")
    runs = [start(*words, f"output.dir={tmp_path / str(i)}", f"run.shard={i}/2") for i in range(2)]
    printed = [run.communicate(timeout=300) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], printed
    server.faults()
    assert data(server, uri) == content(flight_folder)
    assert not [name for name in stored(server, uri) if name.startswith(".simgen/lease")]
