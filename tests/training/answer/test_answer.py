"""What a study writes and says: the same each time, self-contained, and no more than it found."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from chromium import chromium
from rich.console import Console
from training.answer.made_up import ARMS, study

from simgen.training.answer.findings import Findings, compare
from simgen.training.answer.page import write_answer
from simgen.training.answer.terminal import summary
from simgen.training.answer.words import conclusions, number, remarks
from simgen.training.evaluation.intervals import Difference

EVIL = "<img src=x onerror=alert(1)>\"'& [bold] </svg><script>alert(2)</script>"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    arms = {name: ARMS[name] for name in ("10 images", "1000 images", "20 real")}
    folder = tmp_path_factory.mktemp("photographs")
    return compare(study(folder, arms, replicates=2, images=12, groups=6))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    arms = {"100 images": ARMS["100 images"]}
    folder = tmp_path_factory.mktemp("photographs")
    return compare(study(folder, arms, replicates=1, images=8, groups=1))


def printed(found: Findings, width: int = 120) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(summary(found))
    return console.export_text()


def test_results_are_the_same_but_for_seconds(found: Findings, tmp_path: Path) -> None:
    write_answer(found, tmp_path)
    results = json.loads((tmp_path / "results.json").read_text())
    slower = [
        replace(one, replicates=tuple(replace(r, train_seconds=9e9) for r in one.replicates))
        for one in found.study.arms
    ]
    write_answer(compare(replace(found.study, arms=tuple(slower), seconds={"total": 1})), tmp_path)
    again = json.loads((tmp_path / "results.json").read_text())
    assert results != again
    for one in (results, again):
        one.pop("seconds")
        for arm in one["arms"]:
            arm.pop("seconds")
    assert results == again
    assert [arm["name"] for arm in results["arms"]] == ["10 images", "1000 images", "20 real"]
    best = results["arms"][1]
    assert best["ap50"]["low"] < best["ap50"]["mean"] < best["ap50"]["high"]
    assert set(best["per_class"]) == {"bottle", "cup", "bowl", "book"}
    assert len(best["precision"]) == 101


@pytest.mark.slow
@pytest.mark.exhaustive
def test_the_page_opens_from_a_file_and_asks_for_nothing(
    found: Findings, alone: Findings, tmp_path: Path
) -> None:
    arms = (replace(found.arms[0], arm=replace(found.arms[0].arm, name=EVIL)), *found.arms[1:])
    evil = replace(found, arms=arms, study=replace(found.study, name=EVIL, reference=EVIL))
    with chromium() as browser:
        for name, one in (("evil", evil), ("alone", alone)):
            page = browser.new_page()
            asked: list[str] = []
            complaints: list[str] = []
            page.on("request", lambda request, to=asked: to.append(request.url))
            page.on("console", lambda message, to=complaints: to.append(message.text))
            page.on("pageerror", lambda error, to=complaints: to.append(str(error)))
            file = write_answer(one, tmp_path / name)
            page.goto(file.as_uri())
            assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
            assert complaints == []
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator("script").count() == 0
            assert page.locator("figure").count() >= 10


def test_sentences_claim_what_the_intervals_do(found: Findings) -> None:
    better = Difference(0.12, 0.05, 0.19, True, 0.001, 0.95)
    worse = Difference(-0.12, -0.19, -0.05, True, 0.001, 0.95)
    unclear = Difference(0.01, -0.03, 0.05, False, 0.6, 0.95)
    expected = {
        better: "'1000 images' is better than '10 images' by 0.120 AP50 (0.050 to 0.190).",
        worse: "'1000 images' is worse than '10 images' by 0.120 AP50 (0.050 to 0.190).",
        unclear: "The difference in AP50 between '1000 images' and '10 images', 0.010 (-0.030 to "
        "0.050), is not significant.",
    }
    for difference, sentence in expected.items():
        arms = (found.arms[0], replace(found.arms[1], difference=difference))
        assert conclusions(replace(found, arms=arms))[0] == sentence


def test_what_intervals_leave_out_is_said(found: Findings, alone: Findings) -> None:
    assert "spread between replicates and the choice of test images" in " ".join(remarks(found))
    assert "only 6 groups" in " ".join(remarks(found))
    text = " ".join(remarks(alone))
    assert "With one replicate, they cover only the choice of test images" in text
    assert "All test images are in one group" in text
    assert "Holm" not in text


def test_the_terminal_shows_each_arm_and_the_gap(found: Findings, alone: Findings) -> None:
    text = printed(found)
    for name in ("10 images", "1000 images", "20 real (baseline)", "reference"):
        assert name in text
    assert re.search(r"reaches AP50 0\.\d+ on held-out synthetic images and 0\.\d+ on real", text)
    assert "100 images" in printed(alone)
    evil = replace(alone, arms=(replace(alone.arms[0], arm=replace(alone.arms[0].arm, name=EVIL)),))
    assert "[bold]" in printed(evil, 200)


def test_numbers_have_three_decimals() -> None:
    assert [number(one) for one in (0.1, -0.0001, float("nan"))] == ["0.100", "0.000", "-"]
    assert number(0.25, sign=True) == "+0.250"
