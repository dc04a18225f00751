"""File access for datasets in object storage, through fsspec, or in local folders.

Transient errors (5xx, throttling, dropped connections, timeouts) are retried for a minute with
exponentially increasing pauses; then they raise `DiskError`, like a full disk. Only connections
are cached, so reads and listings are always current. Credentials and endpoints come from the
configuration of fsspec and of the provider's tools, and are never stored.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simgen.errors import DiskError, InputError, SimgenError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem  # type: ignore[import-untyped]
    from upath import UPath

log = logging.getLogger(__name__)

type AnyPath = Path | UPath
"""A local folder or file, or one in object storage."""

_PATIENCE = 60.0
"""Seconds for which an operation is retried."""
_PATIENCE_AT_START = 10.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
"""Seconds between attempts."""
_AT_ONCE = 8
"""Concurrent transfers, each of which mostly waits for the network."""

_LIMITS = {"connect_timeout": 5, "read_timeout": 20}
"""Seconds, in botocore's terms."""
_READ_TIMEOUT_AT_START = 5
"""Seconds; enough for the small objects of the access check."""
_ATTEMPTS = 4
_SLOWEST = 50e3
"""Bytes per second of the slowest network on which uploading a large file must succeed."""
# botocore retries each request a few times, so that one failed page does not fail an entire long
# listing. Concurrent requests per file would only help with files larger than those of datasets.
_S3: dict[str, Any] = {
    "max_concurrency": 1,
    "config_kwargs": {
        **_LIMITS,
        "retries": {"mode": "standard", "total_max_attempts": _ATTEMPTS},
    },
}
_OPTIONS: dict[str, dict[str, Any]] = {"s3": _S3, "s3a": _S3, "file": {"auto_mkdir": True}}
_EXTRAS = {"s3": "pip install 'simgen[s3]'", "s3a": "pip install 'simgen[s3]'"}

_LIBRARIES = {"botocore", "aiobotocore", "aiohttp", "gcsfs", "google", "adlfs", "azure", "urllib3"}
"""Packages whose exceptions are all treated as storage errors."""
_NO_CREDENTIALS = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "ProfileNotFound",
    "TokenRetrievalError",
    "SSOTokenLoadError",
    "UnauthorizedSSOTokenError",
    "DefaultCredentialsError",
    "RefreshError",
}
"""Names of exceptions, since the libraries that define them may not be imported."""
_WRONG = {"ParamValidationError", "InvalidRegionError"}


def locate(text: str | AnyPath) -> AnyPath:
    """Convert a path or URI to a path object. Raises `InputError` if this installation does not
    support the kind of storage."""
    if isinstance(text, Path):
        return text
    if isinstance(text, str) and "://" not in text:
        return Path(text)
    from fsspec import config, get_filesystem_class
    from upath import UPath

    uri = str(text).rstrip("/")
    protocol = uri.split("://")[0]
    try:
        get_filesystem_class(protocol)
    except ImportError as error:
        advice = _EXTRAS.get(protocol, str(error))
        raise InputError(f"{uri}: needs packages that are not installed: {advice}") from error
    except ValueError as error:
        raise InputError(
            f"{uri}: unknown protocol; expected a folder, or a URI such as s3://bucket/prefix"
        ) from error
    options = {"use_listings_cache": False} | _OPTIONS.get(protocol, {})
    # The user's fsspec configuration takes precedence.
    own = config.conf.get(protocol, {})
    for key in options.keys() & own.keys():
        both = options[key], own[key]
        options[key] = {**both[0], **both[1]} if isinstance(both[0], dict) else both[1]
    if not isinstance(text, str):
        options |= text.storage_options
    return UPath(uri, **options)


def is_remote(path: AnyPath) -> bool:
    return not isinstance(path, Path)


def relative(path: AnyPath, root: AnyPath) -> str:
    """Return a path relative to the dataset's root, e.g. `scenes/000012/spec.json`."""
    # Both paths are of the same type, which the annotations cannot express.
    return cast(Path, path).relative_to(cast(Path, root)).as_posix()


def read_bytes(path: AnyPath, patience: float = _PATIENCE) -> bytes:
    """Read a file. Raises `FileNotFoundError`, and `DiskError` if it cannot be read.

    patience: seconds for which reading is retried.
    """
    if isinstance(path, Path):
        return path.read_bytes()
    return _steadily(path, "read", lambda: _storage(path).cat_file(path.path), patience)


def read_all(paths: Sequence[AnyPath]) -> list[bytes]:
    """Read many files of one storage, concurrently if it is remote.

    Raises the errors of `read_bytes`.
    """
    if all(isinstance(path, Path) for path in paths):
        return [read_bytes(path) for path in paths]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(read_bytes, paths))


def names(folder: AnyPath) -> list[str]:
    """Return the names of a folder's or prefix's entries, unordered; empty if it is missing."""
    with contextlib.suppress(FileNotFoundError):
        if isinstance(folder, Path):
            return os.listdir(folder)
        return _steadily(folder, "listed", lambda: _listed(folder))
    return []


def size(path: AnyPath) -> int:
    """Return the size of a file in bytes; -1 if it is missing."""
    if isinstance(path, Path):
        return path.stat().st_size if path.is_file() else -1
    with contextlib.suppress(FileNotFoundError):
        info = _steadily(path, "read", lambda: _storage(path).info(path.path))
        return int(info["size"]) if info["type"] == "file" else -1
    return -1


def write_bytes(path: AnyPath, content: bytes, patience: float = _PATIENCE) -> None:
    """Write a small file; atomic in object storage. Raises `DiskError`.

    patience: seconds for which writing is retried.
    """
    storage, name = _storage(path), _name(path)

    def write() -> None:
        with _limited(path, len(content)) as limit:
            storage.pipe_file(name, content, **limit)

    _changing(path, write, patience)


def upload(pairs: Iterable[tuple[Path, AnyPath]], patience: float = _PATIENCE) -> None:
    """Copy local files concurrently; the first failure cancels the rest. Raises `DiskError`.

    patience: seconds for which each copy is retried.
    """

    def copy(pair: tuple[Path, AnyPath]) -> None:
        source, target = pair
        storage, name = _storage(target), _name(target)

        def put() -> None:
            with _limited(target, source.stat().st_size) as limit:
                storage.put_file(str(source), name, **limit)

        _changing(target, put, patience)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            for _ in pool.map(copy, pairs):
                pass
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # pending copies would all be retried
            raise


def remove(path: AnyPath, patience: float = _PATIENCE) -> None:
    """Remove a file if it exists. Raises `DiskError`."""
    storage, name = _storage(path), _name(path)
    with contextlib.suppress(FileNotFoundError):
        _steadily(path, "removed", lambda: storage.rm_file(name), patience)


def remove_tree(folder: AnyPath) -> None:
    """Remove everything below a folder or prefix. Raises `DiskError`."""
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)
        return
    with contextlib.suppress(FileNotFoundError):
        _steadily(folder, "removed", lambda: _storage(folder).rm(folder.path, recursive=True))


def check_access(root: AnyPath) -> None:
    """Check access to a URI by writing, reading and removing a small object.

    Raises `InputError` for what the user can fix, such as credentials or a missing bucket, and
    `SimgenError` if the storage cannot be reached.
    """
    probe = _hurried(root) / ".simgen" / f"probe-{uuid.uuid4().hex}"
    try:
        write_bytes(probe, b"simgen", _PATIENCE_AT_START)
        read_bytes(probe, _PATIENCE_AT_START)
        names(probe.parent)
        remove(probe, _PATIENCE_AT_START)
    except (DiskError, FileNotFoundError) as error:
        raise _refusal(root, error.__cause__ or error) from error


def _hurried(root: AnyPath) -> AnyPath:
    """Return the path with a shorter read timeout, if its storage has a known one."""
    limits = {} if isinstance(root, Path) else root.storage_options.get("config_kwargs", {})
    if isinstance(root, Path) or limits.get("read_timeout", 0) <= _READ_TIMEOUT_AT_START:
        return root
    hurried = {**limits, "read_timeout": _READ_TIMEOUT_AT_START}
    return type(root)(str(root), **{**root.storage_options, "config_kwargs": hurried})


def _refusal(root: AnyPath, cause: BaseException) -> SimgenError:
    reason = _reason(cause)
    if isinstance(cause, FileNotFoundError):
        return InputError(f"output.uri={root}: no such bucket ({reason}); create it first")
    if type(cause).__name__ in _NO_CREDENTIALS:
        return InputError(
            f"output.uri={root}: no usable credentials ({reason}); set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or the equivalents of your provider"
        )
    if isinstance(cause, PermissionError):
        return InputError(
            f"output.uri={root}: access was refused ({reason}); check the credentials, and that "
            "they permit to list, read, write and delete there"
        )
    if type(cause).__name__ in _WRONG:
        return InputError(f"output.uri={root}: cannot be written to: {reason}")
    return SimgenError(
        f"output.uri={root}: cannot be reached: {reason}; check the network, and the endpoint "
        "(AWS_ENDPOINT_URL)"
    )


def _storage(path: AnyPath) -> AbstractFileSystem:
    """Return the file system of a path. Not cached here: fsspec caches one per process, which
    survives a fork."""
    import fsspec

    if isinstance(path, Path):
        return fsspec.filesystem("file", auto_mkdir=True)
    try:
        storage = fsspec.filesystem(path.protocol, **path.storage_options)
    except ImportError as error:
        raise InputError(f"{path}: needs packages that are not installed: {error}") from error
    if path.protocol in ("s3", "s3a"):
        storage.retries = 1  # botocore and `_steadily` retry; s3fs would multiply that by five
    return storage


def _name(path: AnyPath) -> str:
    return str(path) if isinstance(path, Path) else path.path


def _listed(folder: UPath) -> list[str]:
    found = _storage(folder).ls(folder.path, detail=False, refresh=True)
    return [str(name).rstrip("/").rsplit("/", 1)[-1] for name in found]


@contextlib.contextmanager
def _limited(path: AnyPath, size: int) -> Iterator[dict[str, float]]:
    """Yield the arguments that limit the duration of an upload in fsspec.

    The client's own timeouts cover only the response, after the server has received the file.
    A slower upload raises `TimeoutError`. size: of the upload, bytes.
    """
    if isinstance(path, Path) or not _storage(path).async_impl:
        yield {}
        return
    found = path.storage_options.get("config_kwargs", {})
    limits = _LIMITS | {key: found[key] for key in _LIMITS.keys() & found.keys()}
    seconds = _ATTEMPTS * sum(limits.values()) + size / _SLOWEST
    try:
        yield {"timeout": seconds}
    except TimeoutError as error:
        raise TimeoutError(f"no answer within {seconds:.0f} s") from error


def _changing(path: AnyPath, action: Callable[[], object], patience: float) -> None:
    try:
        _steadily(path, "written", action, patience)
    except FileNotFoundError as error:
        if isinstance(path, Path):
            raise
        raise _storage_error(path, "written", error) from error  # the bucket was removed


def _steadily[T](
    path: AnyPath, done: str, action: Callable[[], T], patience: float = _PATIENCE
) -> T:
    """Run an operation and retry it if the storage fails; without retries for a local folder.

    done: past participle of the operation, for messages. patience: seconds for which it is retried.
    Raises `FileNotFoundError`, `DiskError`, and errors that are not caused by the storage.
    """
    if isinstance(path, Path):
        return action()
    until, pause = time.monotonic() + patience, _FIRST_PAUSE
    while True:
        try:
            return action()
        except FileNotFoundError:
            raise
        except Exception as error:
            if not _is_of_storage(error):
                raise
            if not _may_pass(error) or time.monotonic() + pause > until:
                raise _storage_error(path, done, error) from error
            log.info("%s: not %s: %s; retrying in %.1f s", path, done, _reason(error), pause)
        # Jitter keeps workers that were rejected together from retrying together.
        time.sleep(pause * (0.5 + secrets.randbelow(1000) / 2000))
        pause = min(2 * pause, _LONGEST_PAUSE)


def _is_of_storage(error: Exception) -> bool:
    package = type(error).__module__.split(".")[0]
    return isinstance(error, OSError) or package in _LIBRARIES


def _may_pass(error: Exception) -> bool:
    return not isinstance(error, PermissionError) and (
        type(error).__name__ not in _NO_CREDENTIALS | _WRONG
    )


def _storage_error(path: AnyPath, done: str, error: Exception) -> DiskError:
    advice = "check the network, the endpoint and the credentials"
    if done == "written":
        advice = (
            "the scenes committed so far are complete; run the same command again when the storage "
            "is available"
        )
    return DiskError(f"{path}: cannot be {done}: {_reason(error)}; {advice}")


def _reason(error: BaseException) -> str:
    """Return an error's message on one line, without passwords in URLs."""
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    text = " ".join(text.split()) or type(error).__name__
    return re.sub(r"//[^/@\s]*@", "//", text)
