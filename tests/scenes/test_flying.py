import numpy as np

from scenes import checks

NAME = "flying"
SCENES = range(6)


def test_nothing_carries_the_objects() -> None:
    assert checks.content(NAME, 0).supports == ()
    assert checks.content(NAME, 0).room is None


def test_the_backdrop_surrounds_the_scene_and_faces_inward() -> None:
    seen = set()
    for scene in range(20):
        spec = checks.fitted(checks.drawn(NAME, scene), 1.0, 6.0)
        parts = checks.build(spec).parts
        seen.add((len(parts), spec.params["box"]))
        for part in parts:
            assert part.backdrop
            assert part.mesh.pieces == ()
            solid = checks.in_world(part)
            assert solid.is_watertight
            assert solid.volume < 0.0
            # All of it is farther away than any camera.
            assert np.linalg.norm(solid.vertices, axis=1).min() > 6.0
            assert np.linalg.norm(solid.triangles_center, axis=1).min() > 6.0
    assert {count for count, _ in seen} == {0, 1}
    assert {shape for count, shape in seen if count} == {0.0, 1.0}
