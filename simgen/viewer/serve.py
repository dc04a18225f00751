"""A local server of a view, for browsers that cannot open folders, or for use through a tunnel.

It only reads files of two folders, and writes nothing. Arrays of images are computed on request.
"""

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
"""Content types of the suffixes that are served. All other files are not found."""
_PICTURES = (".jpg", ".png")
"""The only suffixes served from scenes: pages and scripts there would be untrusted."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ARRAYS = re.compile(r"/view/arrays/(\d{6,9})/(\d{4,9})\.js")
_KEPT = 16
"""Number of images whose arrays are kept in memory."""
_BEFORE, _AFTER = b'simgenData("index",', b");\n"
_LOCAL = ("127.0.0.1", "localhost")

type Maker = Callable[[int, int], bytes | None]
"""Returns the script with the arrays of a scene and frame; None if there is no such frame."""


@dataclass(frozen=True)
class Site:
    """The content of the server.

    view: folder of the view, at `/view/`. dataset: folder whose scenes are at `/scenes/`; None if
    the view contains its pictures. index: replaces `data/index.js`. arrays: makes arrays that have
    no file.
    """

    view: Path
    dataset: Path | None
    index: bytes
    arrays: Maker

    def content(self, path: str) -> tuple[bytes, str] | None:
        """Return the content at the path of a URL, and its type; None if there is none.

        Only plain names below the two folders are looked up, and links that leave the folders are
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
    """Return the site of the view in `out`. Raises `InputError` if there is no view."""
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
    """Return a server bound to 127.0.0.1 that is not running yet. port: 0 for any free one. Raises
    `InputError` if the port is in use."""
    arrays = functools.lru_cache(_KEPT)(site.arrays)
    kept = Site(site.view, site.dataset, site.index, arrays)
    try:
        bound = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    except (OSError, OverflowError) as error:
        raise InputError(
            f"--port {port}: {error}; choose a free port, or 0 for any free one"
        ) from error
    members = {"site": kept, "port": bound.server_port}
    bound.RequestHandlerClass = type("Handler", (_Handler,), members)
    bound.daemon_threads = True
    return bound


def address(bound: ThreadingHTTPServer) -> str:
    """Return the URL of the view's page."""
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
        """Return whether the request names a local host. A foreign page that uses DNS rebinding
        would send its own host name."""
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
        """Log nothing, since each image would be a line."""
