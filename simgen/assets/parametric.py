"""The definition of a class of parametric objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass

from simgen.errors import AssetError
from simgen.geometry.mesh import MeshData
from simgen.spec import parameters
from simgen.spec.rng import Stream


@dataclass(frozen=True)
class ParametricClass[P]:
    """A class of objects: its parameters, and the function that builds an object from them."""

    name: str
    parameters: type[P]
    """A frozen dataclass whose fields have ranges; see `simgen.spec.parameters`."""
    shape: Callable[[P], MeshData]
    """Returns the mesh for some parameters. A pure function: equal parameters, equal bytes."""

    def __post_init__(self) -> None:
        if not is_dataclass(self.parameters):
            raise TypeError(
                f"class {self.name!r}: expected a dataclass of parameters and a function of it, "
                f"found {self.parameters!r}; see docs/own-randomizer.md"
            )

    def draw(self, rng: Stream) -> dict[str, float]:
        """Sample the parameters of an object, as JSON-serialisable numbers for a scene's spec."""
        return parameters.draw(self.parameters, rng)

    def build(self, stored: Mapping[str, float]) -> MeshData:
        """Build the mesh of sampled parameters. Raises `AssetError` for numbers that are not
        parameters of the class."""
        try:
            found = parameters.read(self.parameters, stored)
        except ValueError as error:
            raise AssetError(str(error)) from error
        return self.shape(found)
