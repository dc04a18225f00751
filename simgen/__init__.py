"""simgen: labelled computer-vision datasets from 3D assets and a Hydra config.

dataset = simgen.open("datasets/tabletop-seed0")
sample = dataset[0]
sample.rgb, sample.depth, sample.instances, sample.objects, sample.camera
"""

from simgen.store.reader import Dataset, Sample
from simgen.store.reader import open_dataset as open

__version__ = "0.1.0"
__all__ = ["Dataset", "Sample", "open"]
