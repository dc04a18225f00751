"""simgen: labelled computer-vision datasets from 3D assets and a Hydra config.

dataset = simgen.open("datasets/tabletop-seed0")
sample = dataset[0]
sample.rgb, sample.depth, sample.instances, sample.objects, sample.camera
simgen.plot(sample)
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simgen.inspect.notebook import to_html, to_png
    from simgen.inspect.plot import plot
    from simgen.store.reader import Dataset
    from simgen.store.reader import open_dataset as open
    from simgen.store.sample import Sample

__version__ = "0.1.0"
__all__ = ["Dataset", "Sample", "open", "plot", "to_html", "to_png"]

_PLACES = {
    "Dataset": ("simgen.store.reader", "Dataset"),
    "Sample": ("simgen.store.sample", "Sample"),
    "open": ("simgen.store.reader", "open_dataset"),
    "plot": ("simgen.inspect.plot", "plot"),
    "to_html": ("simgen.inspect.notebook", "to_html"),
    "to_png": ("simgen.inspect.notebook", "to_png"),
}


def __getattr__(name: str) -> Any:
    """What reads and draws datasets takes seconds to import; commands and workers that do neither
    are spared it."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, what = _PLACES[name]
    return getattr(importlib.import_module(module), what)
