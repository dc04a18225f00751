"""Bounded readers of untrusted JSON; defects become findings."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO, TypeGuard

from simgen.dataset import remote
from simgen.dataset.remote import AnyPath
from simgen.formats.findings import Finding, finding

LARGEST = 1_000_000_000
"""Maximum size of a file of annotations in bytes."""

_LONGEST = 1 << 28
"""Maximum length of an entry in characters."""
_AFTER = frozenset(",:]} \t\r\n")
"""Characters that may follow a value."""


def size_finding(path: AnyPath, name: str, largest: int = LARGEST) -> Finding | None:
    """Check existence and size of a file. name: relative to the dataset."""
    size = remote.size(path)
    if size < 0:
        return finding("file/missing", name, "", "no such file", "a file")
    if size == 0:
        return finding("file/empty", name, "", "0 bytes", "content")
    if size > largest:
        return finding("file/too-large", name, "", f"{size} bytes", f"at most {largest}")
    return None


def read_bounded(path: AnyPath, name: str, largest: int) -> bytes | Finding:
    """Return the bytes of a file, or a finding. name: relative to the dataset."""
    try:
        return size_finding(path, name, largest) or remote.read_bytes(path)
    except (OSError, ValueError) as problem:
        return finding("file/missing", name, "", f"unreadable: {problem}", "a file")


def read_json(path: AnyPath, name: str, largest: int = LARGEST) -> tuple[Any, list[Finding]]:
    """Return the content of a JSON file, or None, and findings."""
    content = read_bounded(path, name, largest)
    if isinstance(content, Finding):
        return None, [content]
    not_finite: list[str] = []
    try:
        plain = _decoder(not_finite).decode(content.decode(json.detect_encoding(content)))
    except (ValueError, RecursionError) as problem:
        return None, [
            finding("json/damaged", name, "", f"{type(problem).__name__}: {problem}", "JSON")
        ]
    return plain, [*nan_findings(name, not_finite)]


def nan_findings(name: str, not_finite: list[str]) -> Iterator[Finding]:
    """Report values that JSON does not allow. not_finite: NaNs and infinities as written."""
    if not_finite:
        found = f"{not_finite[0]}, {len(not_finite)} in all"
        yield finding("json/not-a-number", name, "", found, "finite numbers")


def _decoder(not_finite: list[str]) -> json.JSONDecoder:
    def constant(word: str) -> float:
        not_finite.append(word)
        return float(word)

    return json.JSONDecoder(parse_constant=constant)


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a finite number below 1e15 and not a bool."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value) and abs(value) < 1e15
    except OverflowError:
        return False


def is_whole(value: object) -> TypeGuard[int]:
    """Return whether a value is an integer that fits into 63 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def numbers(value: object, count: int = 0) -> list[float] | None:
    """Return a list of finite numbers, of length `count` unless it is 0; None for other values."""
    if not isinstance(value, list) or (count and len(value) != count):
        return None
    return value if all(map(is_number, value)) else None


def parts(path: Path, not_finite: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield the entries of the object in a JSON file as `(key, value)`.

    A list yields `(key, [])`, then `(key, element)` for each element. not_finite: receives NaNs and
    infinities, which JSON does not allow, as written. Raises `OSError`, `ValueError` and
    `RecursionError` if the file is invalid.
    """
    with path.open(encoding="utf-8-sig") as file:
        yield from Reader(file, not_finite).parts()


def elements(path: Path, not_finite: list[str]) -> Iterator[Any]:
    """Yield the elements of the list in a JSON file. not_finite, errors: as for `parts`."""
    with path.open(encoding="utf-8-sig") as file:
        yield from Reader(file, not_finite).elements()


class Reader:
    """Incremental reader of the object in an open file. chunk: characters read at a time."""

    def __init__(self, file: TextIO, not_finite: list[str], chunk: int = 1 << 20) -> None:
        self._file = file
        self._chunk = chunk
        self._text = ""
        self._at = 0
        self._decoder = _decoder(not_finite)

    def parts(self) -> Iterator[tuple[str, Any]]:
        """See `parts`."""
        self._expect("{")
        if self._next() == "}":
            return
        while True:
            key = self._value()
            if not isinstance(key, str):
                raise ValueError(f"expected a key, found {key!r}")
            self._expect(":")
            if self._next() == "[":
                yield key, []
                yield from ((key, element) for element in self.elements())
            else:
                yield key, self._value()
            if self._expect(",}") == "}":
                return

    def elements(self) -> Iterator[Any]:
        """Yield the elements of a list."""
        self._expect("[")
        if self._next() == "]":
            self._expect("]")
            return
        while True:
            yield self._value()
            if self._expect(",]") == "]":
                return

    def _next(self) -> str:
        """Return the next character that is not white space, without consuming it."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                raise ValueError("unexpected end of file")

    def _expect(self, characters: str) -> str:
        found = self._next()
        if found not in characters:
            raise ValueError(f"expected one of {characters}, found {found!r}")
        self._at += 1
        return found

    def _value(self) -> Any:
        self._next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if not self._more():
                    raise
                continue
            # A number at the end of the text may continue in the next chunk.
            if self._text[end : end + 1] in _AFTER or not self._more():
                self._at = end
                return value

    def _more(self) -> bool:
        """Read another chunk; return False at the end of the file."""
        if len(self._text) - self._at > _LONGEST:
            raise ValueError(f"an entry has more than {_LONGEST} characters")
        # Chunks double in size, so a long entry is not rescanned for each fixed-size chunk.
        chunk = self._file.read(max(self._chunk, len(self._text) - self._at))
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)
