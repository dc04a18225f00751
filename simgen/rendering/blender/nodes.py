"""Short names for wiring a material's node tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

from simgen.spec.scene import MaterialSpec

type Node = bpy.types.Node
type Socket = bpy.types.NodeSocket
type Recipe = Callable[[Graph, MaterialSpec, Socket], None]
"""Wires colour, roughness and relief. The socket is the pattern's coordinates, in metres."""


class Tree:
    """A node tree, and short names for what is wired in it."""

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self.tree = tree

    def node(self, kind: str, settings: dict[str, Any], *inputs: Any) -> Node:
        """A node with its first inputs set or linked; None leaves an input alone."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for key, value in settings.items():
            setattr(node, key, value)
        for socket, value in zip(node.inputs, inputs, strict=False):
            self.feed(socket, value)
        return node

    def feed(self, socket: Socket, value: Any) -> None:
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif value is not None:
            is_color = socket.type == "RGBA" and len(value) == 3
            socket.default_value = (*value, 1.0) if is_color else value

    def coordinates(self, output: str = "Object") -> Socket:
        return self.node("TexCoord", {}).outputs[output]

    def math(self, operation: str, *inputs: Any) -> Socket:
        return self.node("Math", {"operation": operation}, *inputs).outputs[0]

    def vector(self, operation: str, a: Any, b: Any = None) -> Socket:
        """A vector operation; its first output that the operation uses."""
        node = self.node("VectorMath", {"operation": operation}, a, b)
        is_number = operation in ("LENGTH", "DISTANCE", "DOT_PRODUCT")
        return node.outputs["Value" if is_number else "Vector"]

    def stretch(self, vector: Socket, x: float, y: float, z: float) -> Socket:
        return self.vector("MULTIPLY", vector, (x, y, z))

    def parts(self, vector: Socket) -> tuple[Socket, Socket, Socket]:
        x, y, z = self.node("SeparateXYZ", {}, vector).outputs
        return x, y, z

    def join(self, x: Any, y: Any, z: Any = 0.0) -> Socket:
        return self.node("CombineXYZ", {}, x, y, z).outputs[0]

    def noise(self, vector: Socket, size: float, detail: float = 2.0) -> Socket:
        """Fractal noise around 0.5, features `size` metres across."""
        node = self.node("TexNoise", {}, vector)
        node.inputs["Scale"].default_value = 1.0 / size
        node.inputs["Detail"].default_value = detail
        return node.outputs[0]

    def cells(self, vector: Socket, size: float, feature: str = "F1") -> Node:
        """Voronoi cells: `Distance` in cell sizes, `Color` at random per cell."""
        node = self.node("TexVoronoi", {"feature": feature}, vector)
        node.inputs["Scale"].default_value = 1.0 / size
        return node

    def random(self, vector: Socket) -> Socket:
        """A random number in 0..1 for every distinct vector."""
        return self.node("TexWhiteNoise", {}, vector).outputs["Value"]

    def remap(self, value: Socket, low: float, high: float, a: Any = 0.0, b: Any = 1.0) -> Socket:
        """`low..high` to `a..b`, clamped."""
        return self.node("MapRange", {"clamp": True}, value, low, high, a, b).outputs[0]

    def either(self, factor: Any, a: Any, b: Any) -> Socket:
        """Numbers mixed; `factor` 0 is `a`."""
        return self.node("Mix", {"data_type": "FLOAT"}, factor, None, a, b).outputs[0]

    def turn(self, vector: Socket, angle: float) -> Socket:
        """Turned about z by `angle` radians."""
        settings = {"rotation_type": "Z_AXIS"}
        node = self.node("VectorRotate", settings, vector)
        node.inputs["Angle"].default_value = angle
        return node.outputs[0]

    def island(self) -> Socket:
        """A random number in 0..1 for every connected piece of the mesh."""
        return self.node("NewGeometry", {}).outputs["Random Per Island"]

    def facing(self) -> Socket:
        """0 where the surface is seen straight on, 1 where it turns away."""
        return self.node("LayerWeight", {}, 0.5).outputs["Facing"]

    def mix(self, factor: Any, a: Any, b: Any, blend: str = "MIX") -> Socket:
        """Colours mixed; `factor` 0 is `a`."""
        node = self.node("Mix", {"data_type": "RGBA", "blend_type": blend}, factor)
        self.feed(node.inputs[6], a)
        self.feed(node.inputs[7], b)
        return node.outputs[2]

    def vary(self, value: float, by: Socket, amount: float) -> Socket:
        """`value` with noise (around 0.5) of +-`amount` added."""
        return self.math("MULTIPLY_ADD", by, 2.0 * amount, value - amount)

    def blend(self, factor: Any, a: Socket, b: Socket) -> Socket:
        """Shaders mixed; `factor` 0 is `a`."""
        return self.node("MixShader", {}, factor, a, b).outputs[0]


class Graph(Tree):
    """A material's node tree with a Principled BSDF, and what recipes wire into that."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        super().__init__(self.material.node_tree)
        self.bsdf = next(n for n in self.tree.nodes if n.type == "BSDF_PRINCIPLED")
        self.output = next(n for n in self.tree.nodes if n.type == "OUTPUT_MATERIAL")

    def set(self, **values: Any) -> None:
        """Inputs of the BSDF: `coat_weight=0.5` sets `Coat Weight`."""
        for name, value in values.items():
            title = name.replace("_", " ").title().replace("Ior", "IOR")
            self.feed(self.bsdf.inputs[title], value)

    def bump(self, height: Socket, metres: float) -> None:
        """Relief of `height` (0..1) times `metres`."""
        node = self.node("Bump", {})
        node.inputs["Distance"].default_value = metres
        self.feed(node.inputs["Height"], height)
        self.feed(self.bsdf.inputs["Normal"], node.outputs[0])
