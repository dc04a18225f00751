"""Shorthand methods for building node trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

from simgen.spec.scene import MaterialSpec

type Node = bpy.types.Node
type Socket = bpy.types.NodeSocket
type Recipe = Callable[[Graph, MaterialSpec, Socket], None]
"""A function that wires colour, roughness and relief. The socket is the pattern's coordinates,
metres."""


class Tree:
    """A node tree, with shorthand methods that add nodes and links."""

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self.tree = tree

    def node(self, kind: str, settings: dict[str, Any], *inputs: Any) -> Node:
        """Add a node with its first inputs set or linked; None leaves an input unchanged."""
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
        """Add a vector operation, and return the first output that it uses."""
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
        """Add fractal noise around 0.5, with features of `size` metres."""
        node = self.node("TexNoise", {}, vector)
        node.inputs["Scale"].default_value = 1.0 / size
        node.inputs["Detail"].default_value = detail
        return node.outputs[0]

    def cells(self, vector: Socket, size: float, feature: str = "F1") -> Node:
        """Add Voronoi cells: `Distance` in cell sizes, `Color` random per cell."""
        node = self.node("TexVoronoi", {"feature": feature}, vector)
        node.inputs["Scale"].default_value = 1.0 / size
        return node

    def random(self, vector: Socket) -> Socket:
        """Return a random number in 0..1 for every distinct vector."""
        return self.node("TexWhiteNoise", {}, vector).outputs["Value"]

    def remap(self, value: Socket, low: float, high: float, a: Any = 0.0, b: Any = 1.0) -> Socket:
        """Map `low..high` to `a..b`, clamped."""
        return self.node("MapRange", {"clamp": True}, value, low, high, a, b).outputs[0]

    def either(self, factor: Any, a: Any, b: Any) -> Socket:
        """Mix two numbers; `factor` 0 is `a`."""
        return self.node("Mix", {"data_type": "FLOAT"}, factor, None, a, b).outputs[0]

    def turn(self, vector: Socket, angle: float) -> Socket:
        """Rotate a vector about z by `angle` radians."""
        settings = {"rotation_type": "Z_AXIS"}
        node = self.node("VectorRotate", settings, vector)
        node.inputs["Angle"].default_value = angle
        return node.outputs[0]

    def island(self) -> Socket:
        """Return a random number in 0..1 for every connected part of the mesh."""
        return self.node("NewGeometry", {}).outputs["Random Per Island"]

    def facing(self) -> Socket:
        """Return 0 where the surface faces the viewer, 1 at grazing angles."""
        return self.node("LayerWeight", {}, 0.5).outputs["Facing"]

    def mix(self, factor: Any, a: Any, b: Any, blend: str = "MIX") -> Socket:
        """Mix two colours; `factor` 0 is `a`."""
        node = self.node("Mix", {"data_type": "RGBA", "blend_type": blend}, factor)
        self.feed(node.inputs[6], a)
        self.feed(node.inputs[7], b)
        return node.outputs[2]

    def vary(self, value: float, by: Socket, amount: float) -> Socket:
        """Add noise (around 0.5), scaled to +-`amount`, to a value."""
        return self.math("MULTIPLY_ADD", by, 2.0 * amount, value - amount)

    def blend(self, factor: Any, a: Socket, b: Socket) -> Socket:
        """Mix two shaders; `factor` 0 is `a`."""
        return self.node("MixShader", {}, factor, a, b).outputs[0]


class Graph(Tree):
    """A material's node tree with a Principled BSDF, and methods for recipes."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        super().__init__(self.material.node_tree)
        self.bsdf = next(n for n in self.tree.nodes if n.type == "BSDF_PRINCIPLED")
        self.output = next(n for n in self.tree.nodes if n.type == "OUTPUT_MATERIAL")

    def set(self, **values: Any) -> None:
        """Set inputs of the BSDF: `coat_weight=0.5` sets `Coat Weight`."""
        for name, value in values.items():
            title = name.replace("_", " ").title().replace("Ior", "IOR")
            self.feed(self.bsdf.inputs[title], value)

    def bump(self, height: Socket, metres: float) -> None:
        """Add relief of `height` (0..1) times `metres`."""
        node = self.node("Bump", {})
        node.inputs["Distance"].default_value = metres
        self.feed(node.inputs["Height"], height)
        self.feed(self.bsdf.inputs["Normal"], node.outputs[0])
