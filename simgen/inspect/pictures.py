"""A picture of each label of a frame, for people."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgen.inspect.colours import (
    colour_classes,
    colour_coordinates,
    colour_depth,
    colour_disparity,
    colour_flow,
    colour_ids,
    colour_light,
    colour_mask,
    colour_normals,
    colour_scene_flow,
    colour_uv,
)
from simgen.inspect.drawings import (
    draw_keypoints,
    draw_objects,
    draw_order,
    draw_outlines,
    draw_tracks,
)
from simgen.store.sample import Sample


def _tracks(sample: Sample) -> np.ndarray:
    tracks = sample.tracks
    return draw_tracks(_canvas(sample), tracks.points, tracks.occluded, sample.frame)


def _canvas(sample: Sample) -> np.ndarray:
    """The image, paler, to draw on; grey paper where there is none."""
    if "rgb" not in sample.labels:
        return np.full((sample.camera.height, sample.camera.width, 3), 60, np.uint8)
    return (sample.rgb * 0.6).astype(np.uint8)


def _of[T](colour: Callable[[T], np.ndarray], label: str) -> Callable[[Sample], np.ndarray | None]:
    """The picture of a label that is an array; None where the frame has none."""

    def make(sample: Sample) -> np.ndarray | None:
        image = getattr(sample, label)
        return None if image is None else colour(image)

    return make


PICTURES: dict[str, Callable[[Sample], np.ndarray | None]] = {
    "rgb": lambda sample: sample.rgb,
    "rgb_right": lambda sample: sample.rgb_right,
    "depth": _of(colour_depth, "depth"),
    "ray_distance": _of(colour_depth, "ray_distance"),
    "normals": _of(colour_normals, "normals"),
    "object_coordinates": _of(colour_coordinates, "object_coordinates"),
    "uv": _of(colour_uv, "uv"),
    "albedo": _of(colour_light, "albedo"),
    "diffuse": _of(colour_light, "diffuse"),
    "specular": _of(colour_light, "specular"),
    "emission": _of(colour_light, "emission"),
    "instances": _of(colour_ids, "instances"),
    "semantic": _of(colour_classes, "semantic"),
    "panoptic": _of(colour_ids, "panoptic"),
    "parts": _of(colour_ids, "parts"),
    "transparent": _of(colour_mask, "transparent"),
    "flow_forward": _of(colour_flow, "flow_forward"),
    "flow_backward": _of(colour_flow, "flow_backward"),
    "occlusion_forward": _of(colour_mask, "occlusion_forward"),
    "occlusion_backward": _of(colour_mask, "occlusion_backward"),
    "scene_flow_forward": _of(colour_scene_flow, "scene_flow_forward"),
    "scene_flow_backward": _of(colour_scene_flow, "scene_flow_backward"),
    "disparity": _of(colour_disparity, "disparity"),
    "disparity_occlusion": _of(colour_mask, "disparity_occlusion"),
    "objects": lambda sample: draw_objects(_canvas(sample), sample.objects, sample.camera),
    "amodal_masks": lambda sample: draw_outlines(_canvas(sample), sample.amodal_masks),
    "occlusion_order": lambda sample: draw_order(
        _canvas(sample), sample.objects, sample.occlusion_order
    ),
    "keypoints": lambda sample: draw_keypoints(_canvas(sample), sample.objects),
    "tracks": _tracks,
}
"""A picture of each label of a frame, `H x W x 3` uint8, or None where the frame has no such label.
`camera` and `coco` show nothing that the others do not."""
