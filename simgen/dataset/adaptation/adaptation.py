"""An adaptation: plain data learnt from real images, its files, and its application.

`adaptation.json` describes it; `adaptation.npz` beside it, with the same stem, holds the arrays.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cattrs
import numpy as np

from simgen.dataset import files, remote
from simgen.dataset.adaptation.methods import METHODS, Drawn
from simgen.dataset.remote import AnyPath
from simgen.errors import InputError, did_you_mean
from simgen.spec.rng import stream

FILE = "adaptation.json"
_KIND, _VERSION = "simgen-adaptation", 1
IMAGES = ("rgb", "rgb_right")
"""Labels that are adapted: camera images."""


@dataclass(frozen=True)
class Key:
    """Identifies an image, and thereby its random streams. scene: its number. image: frame and
    label."""

    scene: int
    image: str = ""

    @classmethod
    def of(cls, scene: int, frame: int, label: str) -> Key:
        """Return the key of an image of a simgen dataset."""
        return cls(scene, f"{frame:04d}.{label}")


@dataclass(frozen=True)
class Asked:
    """A requested method with its options."""

    method: str
    options: Mapping[str, float]


@dataclass(frozen=True)
class RealFile:
    """A real image. name: within the folder of real images. sha256: of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Real:
    """The real images that an adaptation was learnt from. name: of their folder or file."""

    name: str
    files: tuple[RealFile, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over names and contents."""
        text = "\n".join(f"{one.sha256} {one.name}" for one in self.files)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Adaptation:
    """The methods applied to images, in order.

    arrays: the learnt arrays of each method. figures: results of checking a trained method, by
    name; empty for methods without a check.
    """

    methods: tuple[Asked, ...]
    seed: int
    real: Real
    arrays: tuple[Mapping[str, np.ndarray], ...]
    figures: Mapping[str, float] = field(default_factory=dict)

    def apply(self, image: np.ndarray, key: Key) -> np.ndarray:
        """Return an adapted image, `H x W x 3` uint8. The result depends only on the arguments."""
        for number, (asked, arrays) in enumerate(zip(self.methods, self.arrays, strict=True)):
            # All methods use the same stream, so that they choose the same real image.
            scene = stream(self.seed, "adapt", key.scene)
            drawn = Drawn(scene, stream(self.seed, "adapt", key.scene, key.image, number))
            image = METHODS[asked.method].apply(image, arrays, asked.options, drawn)
        return image

    def answers(self, methods: Sequence[Asked], seed: int, real: Real) -> bool:
        """Return whether learning with these arguments would yield this adaptation."""
        return (self.methods, self.seed, self.real) == (tuple(methods), seed, real)

    @property
    def digest(self) -> str:
        """SHA-256 over its entire content."""
        found = hashlib.sha256(json.dumps(self._plain(), sort_keys=True).encode())
        found.update(_packed(self.arrays))
        return found.hexdigest()

    @property
    def summary(self) -> dict[str, Any]:
        """The entry in `dataset.json`."""
        return {
            "methods": [asdict(one) for one in self.methods],
            "seed": self.seed,
            "real": {
                "name": self.real.name,
                "images": len(self.real.files),
                "sha256": self.real.digest,
            },
            "figures": dict(self.figures),
            "sha256": self.digest,
        }

    def _plain(self) -> dict[str, Any]:
        return {
            "methods": [asdict(one) for one in self.methods],
            "seed": self.seed,
            "real": asdict(self.real),
            "figures": dict(self.figures),
        }

    def write(self, path: Path, scratch: Path | None = None) -> None:
        """Write a JSON file, and an .npz file with the same stem. scratch: folder for temporary
        files; by default that of `path`. Raises `OSError`."""
        content = _packed(self.arrays)
        head = {"format": _KIND, "version": _VERSION}
        tail = {"arrays": hashlib.sha256(content).hexdigest()}
        text = json.dumps(head | self._plain() | tail, indent=1) + "\n"
        path.parent.mkdir(parents=True, exist_ok=True)
        for place, data in ((_beside(path), content), (path, text.encode())):
            with files.replacing(place, scratch or path.parent) as temporary:
                temporary.write_bytes(data)


def read(place: AnyPath) -> Adaptation:
    """Read an adaptation from its file, or from an adapted dataset. Raises `InputError`."""
    path = place if place.name.endswith(".json") else place / FILE
    if remote.size(path) < 0:
        raise InputError(
            f"{place}: no adaptation here; expected a file written by simgen adapt --learn, or an "
            "adapted dataset"
        )
    try:
        plain = json.loads(remote.read_bytes(path))
        if plain.get("format") != _KIND or plain.get("version") != _VERSION:
            raise InputError(f"{path}: not an adaptation of version {_VERSION}")
        content = remote.read_bytes(_beside(path))
        if hashlib.sha256(content).hexdigest() != plain.pop("arrays"):
            raise InputError(
                f"{path}: {_beside(path).name} beside it belongs to another adaptation"
            )
        methods = cattrs.structure(plain["methods"], tuple[Asked, ...])
        found = Adaptation(
            methods,
            int(plain["seed"]),
            cattrs.structure(plain["real"], Real),
            _unpacked(content, len(methods)),
            cattrs.structure(plain["figures"], dict[str, float]),
        )
        for one in found.methods:
            checked(one.method, one.options)
        # Arrays that do not fit their method fail here rather than in the middle of a dataset.
        found.apply(np.zeros((32, 32, 3), np.uint8), Key(0))
    except InputError:
        raise
    except Exception as error:  # cattrs, numpy and the methods raise various errors
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: damaged: {reason[:200]}") from error
    return found


def checked(method: str, given: Mapping[str, float | str]) -> Asked:
    """Return a method with all of its options. given: options that differ from their
    defaults. Raises `InputError`."""
    if method not in METHODS:
        raise InputError(
            f"method {method!r}: expected one of {', '.join(METHODS)}"
            + did_you_mean(method, METHODS)
        )
    known = METHODS[method].options
    found = {name: option.default for name, option in known.items()}
    for name, text in given.items():
        if name not in known:
            raise InputError(
                f"option {name!r} of method {method}: expected one of "
                + (", ".join(known) or "none, it has no options")
            )
        option, kind = known[name], "a whole number" if known[name].whole else "a number"
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not option.low <= value <= option.high or (option.whole and value != int(value)):
            raise InputError(
                f"{name}={text}: expected {kind} from {option.low:g} to {option.high:g}"
            )
        found[name] = value
    return Asked(method, found)


def asked_for(words: str, options: Sequence[str]) -> tuple[Asked, ...]:
    """Parse methods from the command line. Raises `InputError`.

    words: names, joined by `+`. options: `name=value`, applied to all methods with that option.
    """
    names = words.split("+")
    given: dict[str, str] = {}
    for text in options:
        name, sign, value = text.partition("=")
        if not (name and sign and value):
            raise InputError(f"{text}: expected OPTION=VALUE, such as beta=0.02")
        given[name] = value
    for name in names:
        checked(name, {})
    known = {option for name in names for option in METHODS[name].options}
    for option in given:
        if option not in known:
            raise InputError(
                f"{option}={given[option]}: unknown option of {words}; expected one of "
                + (", ".join(sorted(known)) or "none, it has no options")
                + did_you_mean(option, known)
            )
    return tuple(
        checked(name, {key: value for key, value in given.items() if key in METHODS[name].options})
        for name in names
    )


def _beside(path: AnyPath) -> Any:
    return path.with_name(path.name.removesuffix(".json") + ".npz")


def _packed(arrays: Sequence[Mapping[str, np.ndarray]]) -> bytes:
    """Pack arrays as an .npz with reproducible bytes."""
    content = io.BytesIO()
    named = {
        f"{number}/{name}": array
        for number, some in enumerate(arrays)
        for name, array in sorted(some.items())
    }
    np.savez(content, allow_pickle=False, **named)
    return content.getvalue()


def _unpacked(content: bytes, count: int) -> tuple[dict[str, np.ndarray], ...]:
    found: tuple[dict[str, np.ndarray], ...] = tuple({} for _ in range(count))
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        for name in stored.files:
            number, _, rest = name.partition("/")
            found[int(number)][rest] = stored[name]
    return found
