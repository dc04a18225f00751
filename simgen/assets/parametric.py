"""What a class of parametric objects is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass

from simgen.errors import AssetError
from simgen.geometry.mesh import MeshData
from simgen.spec import parameters
from simgen.spec.rng import Stream


@dataclass(frozen=True)
class ParametricClass[P]:
    """A class of objects: its parameters, and how one is built."""

    name: str
    parameters: type[P]
    """A frozen dataclass with a range beside each field; see `simgen.spec.parameters`."""
    shape: Callable[[P], MeshData]
    """The mesh of one. A pure function: the same parameters give the same bytes."""

    def __post_init__(self) -> None:
        if not is_dataclass(self.parameters):
            raise TypeError(
                f"class {self.name!r}: expected a dataclass of parameters and a function of it, "
                f"found {self.parameters!r}; see docs/own-randomizer.md"
            )

    def draw(self, rng: Stream) -> dict[str, float]:
        """A random member of the class as JSON-able numbers, which a scene's spec stores."""
        return parameters.draw(self.parameters, rng)

    def build(self, stored: Mapping[str, float]) -> MeshData:
        """The mesh of a member that was drawn. Raises `AssetError` where the numbers are not those
        of the class."""
        try:
            found = parameters.read(self.parameters, stored)
        except ValueError as error:
            raise AssetError(str(error)) from error
        return self.shape(found)
