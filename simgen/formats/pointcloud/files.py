"""PLY and PCD files of points, binary and little-endian.

PLY: https://paulbourke.net/dataformats/ply/. PCD, the Point Cloud Library's, version 0.7:
https://pointclouds.org/documentation/tutorials/pcd_file_format.html. Points are structured arrays:
one entry a point, one field for each of its properties.
"""

from __future__ import annotations

import numpy as np

LIST = "pointclouds.json"
"""Name of the list of files, with their poses."""
_PLY = {
    "float32": "float", "float64": "double", "uint8": "uchar", "int8": "char", "uint16": "ushort",
    "int16": "short", "uint32": "uint", "int32": "int",
}  # fmt: skip
"""PLY's names of types, by NumPy's."""
_ALSO = {name: name for name in _PLY}
_OF_PLY = {word: name for name, word in _PLY.items()} | _ALSO
_PCD = {"f": "F", "u": "U", "i": "I"}
_LONGEST = 65_536
"""Maximum length of a header in bytes."""
_MOST_FIELDS = 64


def ply(points: np.ndarray, comments: tuple[str, ...] = ()) -> bytes:
    """Return the content of a PLY file. points: structured, `n`. comments: one line each."""
    lines = ["ply", "format binary_little_endian 1.0", *(f"comment {line}" for line in comments)]
    lines.append(f"element vertex {len(points)}")
    for name in _names(points):
        lines.append(f"property {_PLY[points.dtype[name].name]} {name}")
    return _content([*lines, "end_header"], points)


def pcd(points: np.ndarray, comments: tuple[str, ...] = ()) -> bytes:
    """Return the content of a PCD file. points: structured, `n`. comments: one line each."""
    names = _names(points)
    types = [points.dtype[name] for name in names]
    lines = [
        "# .PCD v0.7 - Point Cloud Data file format",
        *(f"# {line}" for line in comments),
        "VERSION 0.7",
        f"FIELDS {' '.join(names)}",
        f"SIZE {' '.join(str(kind.itemsize) for kind in types)}",
        f"TYPE {' '.join(_PCD[kind.kind] for kind in types)}",
        f"COUNT {' '.join('1' for _ in names)}",
        f"WIDTH {len(points)}",
        "HEIGHT 1",
        "VIEWPOINT 0 0 0 1 0 0 0",
        f"POINTS {len(points)}",
        "DATA binary",
    ]
    return _content(lines, points)


def _names(points: np.ndarray) -> tuple[str, ...]:
    assert points.dtype.names is not None
    return points.dtype.names


def _content(header: list[str], points: np.ndarray) -> bytes:
    packed = np.dtype([(name, points.dtype[name].newbyteorder("<")) for name in _names(points)])
    return ("\n".join(header) + "\n").encode("ascii") + points.astype(packed).tobytes()


def read_points(content: bytes) -> np.ndarray:
    """Return the points of a PLY or PCD file as `ply` and `pcd` write them, structured, `n`.

    Raises `ValueError`, one line, for anything else.
    """
    if content.startswith(b"ply"):
        fields, count, start = _ply_header(content)
    elif content.startswith((b"# .PCD", b"VERSION")):
        fields, count, start = _pcd_header(content)
    else:
        raise ValueError(f"begins with {content[:8]!r}; expected PLY or PCD")
    if not 0 < len(fields) <= _MOST_FIELDS or len({name for name, _ in fields}) < len(fields):
        raise ValueError(f"{len(fields)} fields; expected 1 to {_MOST_FIELDS} with unique names")
    kind = np.dtype(fields)
    if count < 0 or len(content) - start != count * kind.itemsize:
        raise ValueError(
            f"{len(content) - start} bytes of points; expected {count} x {kind.itemsize}"
        )
    return np.frombuffer(content, kind, offset=start)


Header = tuple[list[tuple[str, str]], int, int]
"""Names and dtypes of the fields, the number of points, and where they begin."""


def _ply_header(content: bytes) -> Header:
    lines, start = _header_lines(content, b"end_header\n")
    if len(lines) < 2 or lines[1] != "format binary_little_endian 1.0":
        raise ValueError("not binary_little_endian 1.0")
    fields, count = [], -1
    for line in lines[2:-1]:
        match line.split():
            case ["comment" | "obj_info", *_] | []:
                pass
            case ["element", "vertex", number] if count < 0 and number.isdecimal():
                count = int(number)
            case ["property", word, name] if word in _OF_PLY and count >= 0:
                fields.append((name, np.dtype(_OF_PLY[word]).newbyteorder("<").str))
            case _:
                raise ValueError(f"header line {line[:60]!r}; expected vertices with properties")
    return fields, count, start


def _pcd_header(content: bytes) -> Header:
    lines, start = _header_lines(content, b"DATA binary\n")
    entries = {words[0]: words[1:] for line in lines if (words := line.split())}
    names, sizes = entries.get("FIELDS", []), entries.get("SIZE", [])
    types, number = entries.get("TYPE", []), entries.get("POINTS", [])
    fields = []
    for name, size, kind in zip(names, sizes, types, strict=True):
        word = f"{kind.lower()}{size}"
        if word not in {np.dtype(known).str[1:] for known in _PLY}:
            raise ValueError(f"field {name[:60]!r} of type {kind[:8]} and size {size[:8]}")
        fields.append((name, f"<{word}"))
    if set(entries.get("COUNT", ["1"])) - {"1"}:
        raise ValueError("COUNT other than 1")
    if len(number) != 1 or not number[0].isdecimal():
        raise ValueError("no POINTS")
    return fields, int(number[0]), start


def _header_lines(content: bytes, last: bytes) -> tuple[list[str], int]:
    """Return the lines of a header up to and including `last`, and where they end."""
    end = content.find(last, 0, _LONGEST)
    if end < 0:
        raise ValueError(f"no line {last.decode().strip()!r}")
    end += len(last)
    return content[:end].decode("ascii").splitlines(), end
