"""simgen: labelled computer-vision datasets from 3D assets and a Hydra config.

dataset = simgen.generate(["scene=bin", "num_scenes=20"])  # or simgen.open("my_dataset")
sample = dataset[0]
sample.rgb, sample.depth, sample.instances, sample.objects, sample.camera
simgen.plot(sample)
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simgen.dataset.reader import Dataset
    from simgen.dataset.reader import open_dataset as open
    from simgen.dataset.sample import Sample
    from simgen.report.notebook import to_html, to_png
    from simgen.report.plot import plot
    from simgen.runs.api import generate, load_config, render, sample_scene

__version__ = "0.1.0"
__all__ = [
    "Dataset",
    "Sample",
    "generate",
    "load_config",
    "open",
    "plot",
    "render",
    "sample_scene",
    "to_html",
    "to_png",
]

_PLACES = {
    "Dataset": ("simgen.dataset.reader", "Dataset"),
    "Sample": ("simgen.dataset.sample", "Sample"),
    "generate": ("simgen.runs.api", "generate"),
    "load_config": ("simgen.runs.api", "load_config"),
    "open": ("simgen.dataset.reader", "open_dataset"),
    "plot": ("simgen.report.plot", "plot"),
    "render": ("simgen.runs.api", "render"),
    "sample_scene": ("simgen.runs.api", "sample_scene"),
    "to_html": ("simgen.report.notebook", "to_html"),
    "to_png": ("simgen.report.notebook", "to_png"),
}


def __getattr__(name: str) -> Any:
    """Whatever makes, reads or draws datasets takes seconds to import; commands and workers that
    need none of it do not wait for it."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place, _ = _PLACES[name]
    module = importlib.import_module(place)
    for other, (its_place, what) in _PLACES.items():
        if its_place == place:
            globals()[other] = getattr(module, what)
    return globals()[name]
