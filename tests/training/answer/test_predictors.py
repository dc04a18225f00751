"""Which measures of a gap are said to predict how well detectors do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from training.answer.made_up import study

from simgen.training.answer.findings import Findings, compare
from simgen.training.answer.page import html_of
from simgen.training.answer.predictors import LEAST, predictors, ranked_arms
from simgen.training.answer.results import plain
from simgen.training.answer.words import gap_sentences
from simgen.training.evaluation.intervals import DRAWS, Estimate

SKILLS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@pytest.fixture(scope="module")
def rising(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """Seven arms, each better than the one before."""
    arms = {f"arm {n}": (skill, 50, 0, False, "") for n, skill in enumerate(SKILLS)}
    folder = tmp_path_factory.mktemp("photographs")
    return compare(study(folder, arms, replicates=1, images=8, groups=4))


def with_gaps(made: Findings, *gaps: dict[str, float]) -> Findings:
    """As if the gaps of its first arms had been measured."""
    found = made.study.arms
    arms = tuple(replace(arm, gap=gap) for arm, gap in zip(found, gaps, strict=False))
    scores = {
        one.arm.name: Estimate(np.array(one.values), np.tile(one.values, (DRAWS, 1)), 10.0)
        for one in made.arms
    }
    ranked = ranked_arms((*arms, *found[len(arms) :]))
    named = tuple(arm.name for arm in ranked)
    enough = len(ranked) >= LEAST
    return replace(made, ranked=named, predictors=predictors(ranked, scores) if enough else ())


@pytest.mark.exhaustive
def test_a_measure_that_falls_with_ap_is_told_from_those_that_do_not(rising: Findings) -> None:
    order = [3, 0, 6, 2, 5, 1, 4]
    gaps = [{"Saturation": 1 - n / 10, "Noise": order[n], "Edges": n, "Same": 2.0}
            for n in range(7)]  # fmt: skip
    found = with_gaps(rising, *gaps)
    by_name = {one.measure: one for one in found.predictors}
    assert set(by_name) == {"Saturation", "Noise", "Edges"}
    assert by_name["Saturation"].correlation == pytest.approx(-1)
    assert by_name["Saturation"].p == pytest.approx(1 / 5040, rel=0.01)
    assert by_name["Saturation"].low <= by_name["Saturation"].correlation
    assert by_name["Edges"].correlation == pytest.approx(1)
    assert [one.measure for one in found.predictors if one.predicts] == ["Saturation"]
    assert "in 'Saturation' coincided with a higher AP50" in gap_sentences(found)[0]
    page = html_of(found)
    assert "significant" in page
    assert "-1.00" in page
    assert plain(found)["predictors"]["measures"][0]["measure"] == "Saturation"


@pytest.mark.exhaustive
def test_of_few_arms_no_more_is_said_than_they_show(rising: Findings) -> None:
    five = with_gaps(rising, *({"Saturation": 1.0 - n, "Noise": n % 3} for n in range(5)))
    assert not any(one.predicts for one in five.predictors if one.measure == "Noise")
    many = with_gaps(rising, *({f"measure {k}": 1.0 - n for k in range(40)} for n in range(5)))
    assert not any(one.predicts for one in many.predictors)
    assert "even a perfect ranking would not be" in gap_sentences(many)[0]
    three = with_gaps(rising, *({"Saturation": float(n)} for n in range(3)))
    assert not three.predictors
    assert "Only 3 arms" in gap_sentences(three)[0]
    assert not gap_sentences(rising)


def test_arms_that_train_on_other_numbers_of_images_are_not_ranked(tmp_path: Path) -> None:
    made = study(tmp_path, replicates=1, images=4)
    arms = [replace(arm, gap={"Noise": float(n)}) for n, arm in enumerate(made.arms)]
    equal = [arm.name for arm in ranked_arms(arms)]
    assert equal == [
        "1000 images",
        "1000 images, plain lighting",
        "1000 images, no distractors",
    ]
    same = [replace(arm, gap={"Noise": 1.0}) for arm in made.arms]
    assert len(ranked_arms(same)) == 1


@pytest.mark.exhaustive
def test_noise_is_rarely_called_a_predictor(rising: Findings) -> None:
    """Of 60 sets of ten measures that have nothing to do with AP, at most a few name one."""
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(60):
        arms, scores = [], {}
        for arm in rising.study.arms[:6]:
            values = rng.normal(0.4, 0.1, 2)
            scores[arm.name] = Estimate(values, np.tile(values, (DRAWS, 1)), 10.0)
            arms.append(replace(arm, gap={f"measure {k}": rng.random() for k in range(10)}))
        wrong += any(one.predicts for one in predictors(tuple(arms), scores))
    assert wrong <= 7  # 5 % of 60 are 3; more than 7 would come by chance once in 100
