import numpy as np
import pytest

from scenes import checks

NAME = "room"
SCENES = range(6)


@pytest.mark.parametrize("scene", SCENES)
def test_cameras_are_in_free_space_and_lamps_inside_the_walls(scene: int) -> None:
    checks.room_is_free(NAME, scene)
    parts = {part.name: part for part in checks.built(NAME, scene)}
    low, high = (checks.in_world(parts["floor"]).bounds[k] for k in (0, 1))
    top = checks.in_world(parts["ceiling"]).bounds[0, 2]
    for place in checks.content(NAME, scene).lamps:
        inside = (np.array(place.position[:2]) > low[:2]) & (
            np.array(place.position[:2]) < high[:2]
        )
        assert inside.all() == (place.kind != "window")
        assert high[2] < place.position[2] < top


def test_the_room_is_closed_but_for_its_windows() -> None:
    """Rays from the middle of the free space all meet something, or leave through a window."""
    for scene in SCENES:
        content = checks.content(NAME, scene)
        room = content.room
        assert room is not None
        eye = (np.array(room.low) + np.array(room.high)) / 2
        away = np.random.default_rng(scene).normal(size=(4000, 3))
        away /= np.linalg.norm(away, axis=1)[:, None]
        solid = checks.whole(checks.built(NAME, scene))
        lost = away[~solid.ray.intersects_any(np.tile(eye, (4000, 1)), away)]
        windows = [place for place in content.lamps if place.kind == "window"]
        assert windows
        for ray in lost:
            assert any(_passes(eye, ray, place) for place in windows)


def _passes(eye: np.ndarray, ray: np.ndarray, place: object) -> bool:
    """Whether a ray goes through the rectangle of a window, in its upright plane."""
    middle = np.array(place.position)
    axis = int(np.argmax(np.abs(middle - np.array(place.target))[:2]))
    distance = (middle[axis] - eye[axis]) / ray[axis]
    # The place is 2 cm behind the wall: what leaves the opening aslant is a little beside it there.
    off = np.abs(eye + distance * ray - middle) - 0.1
    return distance > 0 and off[1 - axis] <= place.width / 2 and off[2] <= place.height / 2


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.corpus(2)
def test_grow_makes_room_for_a_pile(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    assert checks.fitted(spec, 0.2, 1.0) == spec
    (floor, *_) = checks.build(checks.fitted(spec, 2.0, 1.0)).supports
    assert min(floor.half_size) >= 2.0
    assert floor.centre == (0.0, 0.0, 0.0)


@pytest.mark.exhaustive
def test_strips_along_walls_are_free_of_doors_windows_and_furniture() -> None:
    seen = 0
    for scene in range(12):
        content = checks.content(NAME, scene)
        strips = [s for s in content.supports if s.name.startswith("along_wall")]
        seen += len(strips)
        for strip in strips:
            inwards = np.array([np.cos(strip.headings[0]), np.sin(strip.headings[0])])
            assert inwards @ strip.centre[:2] < 0, "fronts look into the room"
            low = np.subtract(strip.centre[:2], strip.half_size)
            high = np.add(strip.centre[:2], strip.half_size)
            for part in content.parts:
                if part.stuff in ("door", "furniture", "window", "curtain"):
                    points = part.mesh.vertices + np.array(part.position)
                    apart = np.maximum(low - points[:, :2].max(0), points[:, :2].min(0) - high)
                    standing = points[:, 2].min() < 1.0
                    assert apart.max() > -1e-6 or not standing, (scene, part.name)
    assert seen >= 5


@pytest.mark.exhaustive
def test_tops_are_for_loose_things_and_for_those_with_their_back_to_the_wall() -> None:
    for scene in range(12):
        supports = checks.content(NAME, scene).supports
        backs = [s for s in supports if "counter" in s.tags]
        tops = [s for s in supports if "tabletop" in s.tags and s.name != "table"]
        assert [s.centre for s in backs] == [s.centre for s in tops]
        assert all(s.headings for s in backs)
