"""What the server hands out, and to whom."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from viewer.scripts import handed_over, unpacked

import simgen
from simgen.errors import InputError
from simgen.viewer.serve import server, site_of
from simgen.viewer.writer import Options, write_view


@dataclass(frozen=True)
class Served:
    folder: Path
    port: int

    def ask(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """The path is sent as it is, unlike by browsers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        found = answer.status, answer.read(), dict(answer.headers)
        connection.close()
        return found


@pytest.fixture(scope="module")
def served(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served") / "dataset"
    shutil.copytree(cast_folder, folder)
    (folder.parent / "secret.json").write_text("secret")
    dataset = simgen.open(folder)
    write_view(dataset, folder / "view", Options(arrays=False, processes=1))
    (folder / "scenes/evil.html").write_text("secret")
    (folder / "scenes/link.png").symlink_to(folder.parent / "secret.json")
    (folder / "view/link").symlink_to(folder.parent)
    os.mkfifo(folder / "view/pipe.json")
    with server(site_of(dataset, folder / "view"), 0) as bound:
        thread = threading.Thread(target=bound.serve_forever)
        thread.start()
        yield Served(folder, bound.server_port)
        bound.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("view/index.html", "text/html; charset=utf-8"),
        ("view/data/instances.js", "text/javascript; charset=utf-8"),
        ("view/data/columns/camera.fill_range.js", "text/javascript; charset=utf-8"),
        ("view/thumbs/000001/0002.jpg", "image/jpeg"),
        ("scenes/000001/frame_0002.rgb.png", "image/png"),
    ],
)
def test_files_of_the_view_and_of_scenes(served: Served, path: str, kind: str) -> None:
    status, content, headers = served.ask(f"/{path}?x=1")
    assert (status, headers["Content-Type"]) == (200, kind)
    assert content == (served.folder / path).read_bytes()
    status, nothing, headers = served.ask(f"/{path}", "HEAD")
    assert (status, nothing, headers["Content-Length"]) == (200, b"", str(len(content)))


def test_the_address_alone_leads_to_the_page(served: Served) -> None:
    status, _, headers = served.ask("/")
    assert (status, headers["Location"]) == (302, "/view/index.html")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.json",
        "/view/../../secret.json",
        "/view/..%2f..%2fsecret.json",
        "/view/%2e%2e/%2e%2e/secret.json",
        "/scenes/..\\..\\secret.json",
        "//etc/passwd",
        "/view//etc/hostname.json",
        "/scenes/link.png",
        "/scenes/evil.html",
        "/scenes/000000/frame_0000.json",
        "/view/link/secret.json",
        "/view/link/dataset/dataset.json",
        "/view/pipe.json",
        "/view/.state/000000.json",
        "/view/thumbs/",
        "/view/thumbs",
        "/scenes/000000",
        "/dataset.json",
        "/scenes/000000/frame_0000.depth.exr",
        "/view/index.html%00.js",
        "/view/arrays/000009/0000.js",
        "/view/arrays/000000/0003.js",
        "/view/" + "a" * 5000 + ".js",
        "*",
        "/",
    ],
)
def test_nothing_else(served: Served, path: str) -> None:
    status, content, _ = served.ask(path)
    assert status == (302 if path == "/" else 404)
    assert b"secret" not in content


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "", "[::1]"]
)
def test_pages_from_elsewhere_are_refused(served: Served, host: str) -> None:
    """Whoever makes a name of theirs lead to this machine cannot read the dataset under it."""
    status, content, _ = served.ask("/view/index.html", Host=host.format(port=served.port))
    assert (status, b"<html" in content) == (403, False)


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}"])
def test_its_own_names_are_not(served: Served, host: str) -> None:
    assert served.ask("/view/index.html", Host=host.format(port=served.port))[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_only_reads(served: Served, method: str) -> None:
    assert served.ask("/view/index.html", method)[0] == 501


def test_it_listens_on_this_machine_alone(served: Served) -> None:
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    for other in {str(address) for address in addresses} - {"127.0.0.1"} | {"127.0.0.2"}:
        with pytest.raises(OSError, match=r"refused|unreachable|timed out|assign"):
            socket.create_connection((other, served.port), timeout=2)


def test_arrays_are_made_for_those_who_look(served: Served) -> None:
    assert handed_over(served.ask("/view/data/index.js")[1])[1]["arrays"] is True
    status, content, _ = served.ask("/view/arrays/000001/0002.js")
    name, arrays = handed_over(content)
    assert (status, name) == (200, "arrays:1/2")
    sample = simgen.open(served.folder)[5]
    np.testing.assert_array_equal(unpacked(arrays["instances"]), sample.instances)
    assert not list((served.folder / "view/arrays").iterdir())


def test_a_port_that_is_taken_is_one_line(served: Served) -> None:
    site = site_of(simgen.open(served.folder), served.folder / "view")
    for port in (served.port, 70_000):
        with pytest.raises(InputError, match=rf"--port {port}: .*choose a free port"):
            server(site, port)


@pytest.mark.exhaustive
def test_ctrl_c_ends_it_quietly(served: Served) -> None:
    command = [sys.executable, "-m", "simgen", "view", str(served.folder), "--arrays", "none",
               "--no-stats", "--serve", "--port", "0"]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline(), process.stdout.readline()]
    assert "/view/index.html (stop with Ctrl-C)" in lines[1]
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0
