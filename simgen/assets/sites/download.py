"""An HTTP client with limits, retries, checksums and a cache."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from simgen.errors import AssetError, InputError

MAX_FILE_BYTES = 2 * 2**30
MAX_ANSWER_BYTES = 64 * 2**20
_CHUNK = 2**20
_TRIES = 4
_SECONDS = 60.0
_PASSING = (408, 425, 429, 500, 502, 503, 504)
"""HTTP status codes after which a request is tried again."""
_AGENT = "simgen-dataset-generator"
"""Poly Haven asks for a name of its own for each program."""


@dataclass(frozen=True)
class RemoteFile:
    """A file to download. name: for messages and the folder that it is put in. size, md5: as the
    site states them, if it does."""

    url: str
    name: str
    size: int | None = None
    md5: str = ""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects only to HTTP addresses, and never from HTTPS to HTTP."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, url: str
    ) -> Any:
        _check_scheme(url, secure=urlsplit(req.full_url).scheme == "https")
        return super().redirect_request(req, fp, code, msg, headers, url)


@dataclass
class Client:
    """Requests to one site.

    base: address of its API, without a final slash. cache: an existing folder for downloaded files,
    named by their address and checksum.
    """

    base: str
    cache: Path
    _opener: urllib.request.OpenerDirector = field(init=False)

    def __post_init__(self) -> None:
        self.base = self.base.rstrip("/")
        try:
            _check_scheme(self.base, secure=False)
        except AssetError as error:
            raise InputError(f"--api: {error}") from error
        self._opener = urllib.request.build_opener(_Redirects())

    def json(self, path: str, **query: str) -> Any:
        """Return the JSON at a path of the API. Raises `AssetError`, one line."""
        url = f"{self.base}/{quote(path)}" + (f"?{urlencode(query)}" if query else "")

        def read(response: http.client.HTTPResponse) -> bytes:
            data = response.read(MAX_ANSWER_BYTES + 1)
            if len(data) > MAX_ANSWER_BYTES:
                raise AssetError(f"{url}: the answer is larger than {MAX_ANSWER_BYTES // 2**20} MB")
            return data

        data = self._try(url, read)
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise AssetError(f"{url}: the answer is not JSON; is the address an API?") from error

    def fetch(self, file: RemoteFile) -> Path:
        """Return the path of a downloaded file in the cache. Raises `AssetError`, one line."""
        _check_scheme(file.url, secure=self.base.startswith("https:"))
        key = hashlib.sha256(f"{file.url} {file.md5} {file.size}".encode()).hexdigest()[:40]
        path = self.cache / key
        if path.is_file() and not _fault(path, file):
            return path

        def save(response: http.client.HTTPResponse) -> Path:
            new = path.with_suffix(f".{os.getpid()}.part")
            try:
                _write(new, response, file)
                if reason := _fault(new, file):
                    raise _DamagedError(f"{file.name}: {reason}; try again")
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)
            return path

        return self._try(file.url, save)

    def _try[T](self, url: str, use: Callable[[http.client.HTTPResponse], T]) -> T:
        reason = ""
        for number in range(_TRIES):
            if number:
                time.sleep(2.0**number / 2.0)
            request = urllib.request.Request(url, headers={"User-Agent": _AGENT})
            try:
                with self._opener.open(request, timeout=_SECONDS) as response:
                    return use(response)
            except urllib.error.HTTPError as error:
                reason = f"the server answered {error.code} ({error.reason})"
                if error.code not in _PASSING:
                    raise AssetError(f"{url}: {reason}") from error
            except _DamagedError as error:
                reason = str(error)
            except (OSError, http.client.HTTPException) as error:
                reason = f"no answer ({' '.join(str(error).split())[:120]})"
        raise AssetError(f"{url}: {reason}; tried {_TRIES} times")


class _DamagedError(Exception):
    """Raised for a download with another size or checksum than stated."""


def _write(path: Path, response: http.client.HTTPResponse, file: RemoteFile) -> None:
    size = 0
    with path.open("wb") as sink:
        while block := response.read(_CHUNK):
            size += len(block)
            if size > (MAX_FILE_BYTES if file.size is None else file.size):
                most = "stated" if file.size is not None else f"{MAX_FILE_BYTES // 2**20} MB"
                raise _DamagedError(f"{file.name}: it is larger than {most}")
            sink.write(block)
    if response.length:  # `read` with a size does not report that a connection ended early
        raise _DamagedError(f"{file.name}: the connection ended {response.length} bytes early")


def _fault(path: Path, file: RemoteFile) -> str:
    """Return how a file differs from what the site states; empty if it does not."""
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        return f"its size is {size} bytes, expected {file.size}"
    if file.md5:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
        if found.hexdigest() != file.md5.lower():
            return f"its MD5 is {found.hexdigest()}, expected {file.md5}"
    return ""


def _check_scheme(url: str, *, secure: bool) -> None:
    scheme = urlsplit(url).scheme
    allowed = ("https",) if secure else ("https", "http")
    if scheme not in allowed or not urlsplit(url).netloc:
        raise AssetError(f"found the address {url[:100]!r}, expected {' or '.join(allowed)}://...")
