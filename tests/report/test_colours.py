"""The palette: colours that are told apart, by most eyes, with names that can be read on them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from simgen.labels import IGNORE
from simgen.labels.drawing.colours import (
    IGNORED_COLOUR,
    class_colour,
    colour_classes,
    colour_ids,
    text_colour_on,
)

MACHADO = {
    "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                    [-0.011820, 0.042940, 0.968881]],
    "protanope": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                  [-0.003882, -0.048116, 1.051998]],
}  # fmt: skip
"""Linear light as the colour-blind see it: Machado, Oliveira, Fernandes 2009, severity 1."""


def first(count: int) -> np.ndarray:
    """`n x 3`: display values 0..1."""
    return np.array([class_colour(number) for number in range(1, count + 1)]) / 255


def decoded(colours: np.ndarray) -> np.ndarray:
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def encoded(light: np.ndarray) -> np.ndarray:
    light = light.clip(0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def least_difference(colours: np.ndarray) -> float:
    """CIE 1976, of any two; OpenCV's CIELAB."""
    lab = cv2.cvtColor(colours.astype(np.float32)[None], cv2.COLOR_RGB2LAB)[0].astype(float)
    apart = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    return float(apart[~np.eye(len(lab), dtype=bool)].min())


@pytest.mark.parametrize(("count", "least"), [(16, 24), (64, 18), (256, 9)])
def test_any_two_colours_are_well_apart(count: int, least: float) -> None:
    assert least_difference(first(count)) > least, "2.3 is what can just be noticed"


@pytest.mark.parametrize("kind", MACHADO)
def test_the_colour_blind_tell_the_first_apart(kind: str) -> None:
    light = decoded(first(16)) @ np.array(MACHADO[kind]).T
    assert least_difference(encoded(light)) > 15


def test_none_is_like_the_background_or_grey() -> None:
    shades = np.repeat(np.array([0, 128, 255])[:, None] / 255, 3, axis=1)
    for colour in first(256):
        assert least_difference(np.vstack([shades, colour])) > 15


def test_ids_begin_again_and_nothing_stays_black() -> None:
    ids = np.array([[0, 1, 256, 257, 16_000_000]], np.uint32)
    found = colour_ids(ids)[0].tolist()
    assert found[0] == [0, 0, 0]
    assert found[1] == found[3] == list(class_colour(1)) != found[2]
    assert sum(found[4]) > 100


def test_names_can_be_read_on_every_colour() -> None:
    for colour in first(256):
        ink = text_colour_on(tuple(int(part) for part in np.rint(colour * 255)))  # type: ignore[arg-type]
        weights = np.array([0.2126, 0.7152, 0.0722])
        low, high = sorted(float(decoded(np.array(one)) @ weights)
                           for one in (colour, np.array(ink) / 255))  # fmt: skip
        assert (high + 0.05) / (low + 0.05) >= 4.5, "WCAG 2.2, 1.4.3"


def test_regions_to_be_ignored_have_a_colour_of_no_class() -> None:
    ids = np.array([[0, 1, IGNORE], [2, IGNORE, 3]], np.uint16)
    coloured = colour_classes(ids)
    known = ids != IGNORE
    assert (coloured[known] == colour_ids(ids)[known]).all()
    assert {tuple(colour) for colour in coloured[~known].tolist()} == {IGNORED_COLOUR}
    assert IGNORED_COLOUR not in {class_colour(number) for number in range(1, 257)}
    # An instance may have this number.
    assert tuple(colour_ids(ids)[0, 2]) == class_colour(IGNORE)
