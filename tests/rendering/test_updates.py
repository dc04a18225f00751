"""Building of many node trees at once."""

import time
from collections.abc import Callable

import bpy
import numpy as np
import pytest

from simgen.rendering.blender.materials import build_material, recipes
from simgen.rendering.blender.session import reset
from simgen.rendering.blender.updates import updated_once
from simgen.sampling.randomizers.materials import KINDS, draw_material
from simgen.spec.rng import stream

pytestmark = pytest.mark.render

LENGTH = 60


def chain() -> bpy.types.Material:
    """A material with a chain of mathematical nodes."""
    made = bpy.data.materials.new("chain")
    last = None
    for _ in range(LENGTH):
        node = made.node_tree.nodes.new("ShaderNodeMath")
        if last is not None:
            made.node_tree.links.new(last.outputs[0], node.inputs[0])
        last = node
    return made


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def described(material: bpy.types.Material) -> list[object]:
    """All that Cycles reads from a material's nodes, apart from settings such as operations."""
    found: list[object] = []
    for node in material.node_tree.nodes:
        for socket in node.inputs:
            value = getattr(socket, "default_value", None)
            plain = np.array(value).tolist() if hasattr(value, "__len__") else value
            found.append((node.name, socket.name, socket.enabled, socket.is_linked, plain))
    for link in material.node_tree.links:
        ends = link.from_node.name, link.from_socket.name, link.to_node.name, link.to_socket.name
        found.append((*ends, link.is_valid))
    return found


def test_materials_are_the_same_as_without() -> None:
    reset()
    kinds = [kind for kind in KINDS if kind in recipes()]
    assert len(kinds) > 5
    specs = [draw_material(kind, stream(0, kind)) for kind in kinds]
    plain = [described(build_material(spec, spec.kind)) for spec in specs]
    reset()
    made = updated_once(lambda: [build_material(spec, spec.kind) for spec in specs])
    assert [described(material) for material in made] == plain


def test_blender_updates_no_tree_meanwhile() -> None:
    reset()
    each = min(seconds(chain) for _ in range(3))
    once = min(seconds(lambda: updated_once(chain)) for _ in range(3))
    assert once < each / 2  # an eighth, in 5.2


def test_nothing_but_the_result_is_left() -> None:
    reset()
    made = updated_once(chain)
    assert len(made.node_tree.links) == LENGTH  # with the one of every new material
    assert all(link.is_valid for link in made.node_tree.links)
    assert list(bpy.data.materials) == [made]
    assert not bpy.data.node_groups


def test_errors_are_raised_and_the_next_call_works() -> None:
    reset()

    def fail() -> None:
        raise KeyError("colour")

    with pytest.raises(KeyError, match="colour"):
        updated_once(fail)
    assert not bpy.data.node_groups
    assert updated_once(lambda: 7) == 7
