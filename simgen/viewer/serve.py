"""Serves a view on this machine, for browsers that cannot open folders, or through a tunnel. Only
files of two folders are read, and nothing is written. Arrays of images are made when they are
requested."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from simgen.dataset.reader import Dataset
from simgen.errors import InputError, SimgenError
from simgen.viewer.arrays import arrays_script
from simgen.viewer.index import index_script
from simgen.viewer.paths import ViewPaths

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
"""What is served, by suffix. Everything else is not found."""
_PICTURES = (".jpg", ".png")
"""All that is served of scenes: pages or scripts among them would be untrusted."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ARRAYS = re.compile(r"/view/arrays/(\d{6,9})/(\d{4,9})\.js")
_KEPT = 16
"""Images whose arrays are kept in memory."""
_BEFORE, _AFTER = b'simgenData("index",', b");\n"
_LOCAL = ("127.0.0.1", "localhost")

type Maker = Callable[[int, int], bytes | None]
"""From scene and frame to the script with its arrays; None where there is no such frame."""


@dataclass(frozen=True)
class Site:
    """view: the folder of the view, at `/view/`. dataset: the folder whose scenes are at
    `/scenes/`; None where the view has its pictures in it. index: what stands in place of
    `data/index.js`. arrays: makes those that have no file."""

    view: Path
    dataset: Path | None
    index: bytes
    arrays: Maker

    def content(self, path: str) -> tuple[bytes, str] | None:
        """The content at the path of a URL, and its type; None if there is none.

        Only plain names below the two folders are looked up, and links that lead out of them are
        not followed.
        """
        if path == "/view/data/index.js":
            return self.index, _TYPES[".js"]
        found = self._file(path)
        if found is not None:
            return found.read_bytes(), _TYPES[found.suffix]
        wanted = _ARRAYS.fullmatch(path)
        made = self.arrays(int(wanted[1]), int(wanted[2])) if wanted else None
        return None if made is None else (made, _TYPES[".js"])

    def _file(self, path: str) -> Path | None:
        _, top, *names = path.split("/")
        roots = {"view": self.view, "scenes": self.dataset and self.dataset / "scenes"}
        root = roots.get(top)
        if root is None or not names or not all(_NAME.fullmatch(name) for name in names):
            return None
        if top == "scenes" and not names[-1].endswith(_PICTURES):
            return None
        file, inside = root.joinpath(*names), root.resolve()
        if file.suffix not in _TYPES or not file.resolve().is_relative_to(inside):
            return None
        return file if file.is_file() else None


def site_of(dataset: Dataset, out: Path) -> Site:
    """The site of a view. Raises `InputError` if there is none."""
    paths, root = ViewPaths(out), dataset.root
    frames = dataset.manifest.frames_per_scene
    number_of = {scene: number for number, scene in enumerate(dataset.scenes)}

    def arrays(scene: int, frame: int) -> bytes | None:
        if scene not in number_of or frame >= frames:
            return None
        return arrays_script(dataset[number_of[scene] * frames + frame])[0]

    return Site(out, root if isinstance(root, Path) else None, _index(paths), arrays)


def pages_of(out: Path) -> Site:
    """Return the site of a view that contains all it shows. Raises `InputError` if there is
    none."""
    return Site(out, None, index_script(_plain_index(ViewPaths(out))), lambda scene, frame: None)


def _index(paths: ViewPaths) -> bytes:
    """The index, which claims arrays of every image."""
    return index_script(_plain_index(paths) | {"arrays": True})


def _plain_index(paths: ViewPaths) -> dict[str, Any]:
    try:
        content = paths.index.read_bytes()
        plain = orjson.loads(content.removeprefix(_BEFORE).removesuffix(_AFTER))
        return dict(plain)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"{paths.index}: not the index of a view; run `simgen view` again"
        ) from error


def server(site: Site, port: int) -> ThreadingHTTPServer:
    """A server that is bound to 127.0.0.1 and not running yet. port: 0 for any free one. Raises
    `InputError` if it is in use."""
    arrays = functools.lru_cache(_KEPT)(site.arrays)
    kept = Site(site.view, site.dataset, site.index, arrays)
    try:
        bound = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    except (OSError, OverflowError) as error:
        raise InputError(f"--port {port}: {error}; expected a free one, 0 for any") from error
    members = {"site": kept, "port": bound.server_port}
    bound.RequestHandlerClass = type("Handler", (_Handler,), members)
    bound.daemon_threads = True
    return bound


def address(bound: ThreadingHTTPServer) -> str:
    """The URL of the view's page."""
    return f"http://127.0.0.1:{bound.server_port}/view/index.html"


class _Handler(BaseHTTPRequestHandler):
    site: Site
    port: int
    protocol_version = "HTTP/1.1"
    timeout = 60
    server_version, sys_version = "simgen", ""

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, body: bool) -> None:
        if not self._has_own_host():
            return self._send(HTTPStatus.FORBIDDEN, b"only for 127.0.0.1\n", "text/plain", body)
        path = unquote(urlsplit(self.path).path)
        if path in ("/", "/view", "/view/"):
            return self._redirect()
        try:
            found = self.site.content(path)
        except (OSError, SimgenError, ValueError):
            found = None
        if found is None:
            return self._send(HTTPStatus.NOT_FOUND, b"not found\n", "text/plain", body)
        return self._send(HTTPStatus.OK, *found, body)

    def _has_own_host(self) -> bool:
        """Whether the request is for a local host name. After DNS rebinding, a page from elsewhere
        would use its own."""
        host, _, port = self.headers.get("Host", "").partition(":")
        return host in _LOCAL and port in ("", str(self.port))

    def _redirect(self) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", "/view/index.html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: HTTPStatus, content: bytes, kind: str, body: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Frame-Options", "DENY")
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: each image would be a line."""
