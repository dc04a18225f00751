"""The parts of a large JSON object one by one, so that memory does not grow with the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

_LONGEST = 1 << 28
"""Characters of a part, at most."""
_AFTER = frozenset(",:]} \t\r\n")
"""What may follow a value."""


def parts(path: Path, not_finite: list[str]) -> Iterator[tuple[str, Any]]:
    """The entries of the object in a JSON file: `(key, value)`; of a list `(key, [])`, then `(key,
    element)` for each of its elements. Raises `OSError`, `ValueError` and `RecursionError` for a
    file that is no such one.

    not_finite: takes NaN and the infinities, which JSON has not, as they stand there.
    """
    with path.open(encoding="utf-8-sig") as file:
        yield from Reader(file, not_finite).parts()


class Reader:
    """Reads the object of an open file, piece by piece. chunk: characters read at a time."""

    def __init__(self, file: TextIO, not_finite: list[str], chunk: int = 1 << 20) -> None:
        self._file = file
        self._chunk = chunk
        self._text = ""
        self._at = 0

        def constant(word: str) -> float:
            not_finite.append(word)
            return float(word)

        self._decoder = json.JSONDecoder(parse_constant=constant)

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
                yield from ((key, element) for element in self._elements())
            else:
                yield key, self._value()
            if self._expect(",}") == "}":
                return

    def _elements(self) -> Iterator[Any]:
        self._expect("[")
        if self._next() == "]":
            self._expect("]")
            return
        while True:
            yield self._value()
            if self._expect(",]") == "]":
                return

    def _next(self) -> str:
        """The next character that is no space; it is not passed."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                raise ValueError("it ends too early")

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
            # A number may go on in the next chunk, and what there is of it be one, too.
            if self._text[end : end + 1] in _AFTER or not self._more():
                self._at = end
                return value

    def _more(self) -> bool:
        """Read on. False at the end of the file."""
        if len(self._text) - self._at > _LONGEST:
            raise ValueError(f"a part of it has more than {_LONGEST} characters")
        # Twice as much each time, so that a long part is not scanned once for each chunk.
        chunk = self._file.read(max(self._chunk, len(self._text) - self._at))
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)
