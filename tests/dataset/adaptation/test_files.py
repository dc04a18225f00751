"""Files of adaptations: whole, or refused with one line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simgen.dataset.adaptation.adaptation import (
    Adaptation,
    Key,
    Real,
    RealFile,
    asked_for,
    checked,
    read,
)
from simgen.errors import InputError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    lab = np.array([[[50.0, 1, 2], [10, 3, 4]], [[60, 5, 6], [20, 7, 8]]])
    real = Real("street", (RealFile("a.jpg", "0" * 64), RealFile("b.jpg", "1" * 64)))
    made = Adaptation((checked("colour", {}),), 3, real, ({"lab": lab},), {"edges": 12.0})
    made.write(tmp_path / "mine.json")
    return tmp_path / "mine.json"


def test_what_is_written_is_read(file: Path) -> None:
    found = read(file)
    again = file.with_name("adaptation.json")
    found.write(again)
    assert read(file.parent).digest == found.digest
    assert again.read_bytes() == file.read_bytes()
    assert again.with_suffix(".npz").read_bytes() == file.with_suffix(".npz").read_bytes()
    image = np.full((40, 30, 3), 90, np.uint8)
    np.testing.assert_array_equal(read(file).apply(image, Key(1)), found.apply(image, Key(1)))
    assert found.summary["real"] == {
        "name": "street", "images": 2, "sha256": found.real.digest
    }  # fmt: skip


def _edit(file: Path, **values: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"format": "other"}, "not an adaptation"),
        ({"version": 2}, "not an adaptation of version 1"),
        ({"methods": [{"method": "magic", "options": {}}]}, "expected one of colour"),
        ({"methods": [{"method": "fourier", "options": {"beta": 0.01}}]}, "damaged"),
        ({"methods": [{"method": "colour", "options": {"strength": 7}}]}, "from 0 to 1"),
        ({"arrays": "0" * 64}, "belongs to another adaptation"),
        ({"real": 3}, "damaged"),
        ({"seed": "x"}, "damaged"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(
    file: Path, values: dict[str, object], said: str
) -> None:
    _edit(file, **values)
    with pytest.raises(InputError, match=said) as caught:
        read(file)
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value) or "expected" in str(caught.value)


def test_half_a_file_and_none_are_refused(file: Path, tmp_path: Path) -> None:
    file.write_text(file.read_text()[:100])
    with pytest.raises(InputError, match="damaged"):
        read(file)
    with pytest.raises(InputError, match="no adaptation here"):
        read(tmp_path / "nowhere.json")
    with pytest.raises(InputError, match="no adaptation here"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("words", "options", "said"),
    [
        ("color", [], "did you mean 'colour'"),
        ("colour+", [], "method ''"),
        ("colour", ["beta=0.1"], "unknown option of colour"),
        ("fourier", ["beta"], "OPTION=VALUE"),
        ("fourier", ["beta=2"], "a number from 0 to 0.1"),
        ("refine", ["steps=1.5"], "a whole number from 1"),
        ("noise", ["beta=0.1"], "it has no options"),
    ],
)
def test_methods_that_cannot_be_are_refused(words: str, options: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        asked_for(words, options)


def test_options_go_to_the_methods_that_have_them() -> None:
    colour, fourier = asked_for("colour+fourier", ["beta=0.05", "strength=0.5"])
    assert dict(colour.options) == {"strength": 0.5}
    assert dict(fourier.options) == {"beta": 0.05}
