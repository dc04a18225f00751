"""The network that judges renders names a photograph, and is shown objects whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
from ultralytics.utils import ASSETS

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from recognition import Network, row, square  # noqa: E402


def test_a_photograph_of_a_bus_is_one() -> None:
    photograph = cv2.imread(str(ASSETS / "bus.jpg"))[:, :, ::-1]
    words = Network().words(square(photograph, (20, 230, 780, 520)))
    assert {"minibus", "trolleybus", "school bus"} & set(words)


def test_a_cut_out_holds_its_box_and_goes_on_beyond_the_image() -> None:
    image = np.zeros((60, 80, 3), np.uint8)
    image[10:30, 0:10] = 200
    found = square(image, (0, 10, 10, 20))
    assert found.shape == (26, 26, 3)
    assert (found == 200).all(axis=2).sum() == 20 * (10 + 8)
    assert (found[:3] == 0).all()


def test_shares_are_of_the_objects_of_a_class() -> None:
    looks = [["mouse", "cup"], ["puck", "cup"], ["puck", "pot"], ["coffee mug", "pot"]]
    assert row("mug", looks) == ("mug", 4, 0.25, 0.75, "puck 1")


def test_a_dataset_is_judged_class_by_class(stills_folder: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "recognition.py"), str(stills_folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split() == ["class", "objects", "first", "of", "five",
                                                   "taken", "for"]  # fmt: skip
    assert done.stdout.splitlines()[-1].startswith("mean of classes")
