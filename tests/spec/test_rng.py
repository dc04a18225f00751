from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simgen.spec.rng import log_uniform, stream, uniform

keys = st.lists(st.one_of(st.integers(), st.text(max_size=8)), max_size=4)


@given(st.integers(), keys)
def test_a_stream_depends_on_its_key_alone(seed: int, key: list[int | str]) -> None:
    first = stream(seed, *key).random(3)
    stream(seed, *key, "another").random(100)
    assert (stream(seed, *key).random(3) == first).all()


@given(st.integers(0, 100), st.integers(0, 100))
def test_scenes_and_seeds_have_streams_of_their_own(seed: int, scene: int) -> None:
    here = stream(seed, scene, "camera").random()
    others = [
        stream(seed + 1, scene, "camera"),
        stream(seed, scene + 1, "camera"),
        stream(seed, scene, "lights"),
        stream(seed, scene, "camera", 0),
        stream(seed, str(scene), "camera"),
    ]
    assert all(other.random() != here for other in others)


def test_seed_zero_is_a_seed() -> None:
    assert stream(0, "a").random() == stream(0, "a").random() != stream(1, "a").random()


def test_streams_stay_what_they_are() -> None:
    # Changing how a key becomes a stream would change every dataset.
    assert stream(7, 12, "camera", 0).integers(10**9) == 371744774


def test_draws_stay_within_their_limits() -> None:
    rng = stream(0, "limits")
    draws = [uniform(rng, [2.0, 3.0]) for _ in range(100)]
    assert 2 <= min(draws) < 2.2 < 2.8 < max(draws) <= 3
    draws = [log_uniform(rng, [0.01, 100.0]) for _ in range(400)]
    assert min(draws) >= 0.01
    assert max(draws) <= 100
    assert 0.35 < sum(draw < 1 for draw in draws) / 400 < 0.65
    assert uniform(rng, [1.5, 1.5]) == 1.5
