"""Labels: pure functions from a rendered frame's arrays and its spec to what models train on."""

FLOW = (
    "flow_forward",
    "flow_backward",
    "occlusion_forward",
    "occlusion_backward",
    "scene_flow_forward",
    "scene_flow_backward",
)
"""Labels of motion between a frame and the next or the one before."""

IGNORE = 65535
"""Value of `semantic` where a region is to be ignored."""

STEREO = ("rgb_right", "disparity", "disparity_occlusion")
"""Labels of a stereo pair."""

INTRINSIC = ("albedo", "diffuse", "specular", "emission")
"""Parts of the image's light, from the path tracer: antialiased like the image itself."""

LABELS = (
    "rgb",
    "rgb_right",
    "depth",
    "ray_distance",
    "normals",
    "object_coordinates",
    "uv",
    *INTRINSIC,
    "instances",
    "semantic",
    "panoptic",
    "parts",
    "transparent",
    *FLOW,
    "disparity",
    "disparity_occlusion",
    "objects",
    "amodal_masks",
    "occlusion_order",
    "keypoints",
    "tracks",
    "camera",
    "coco",
)
"""Every label there is, in the order in which they are made and stored. The camera is always
stored: it costs nothing, and without it depth and poses mean little."""

NEEDS = {
    "coco": ("rgb", "objects"),
    "amodal_masks": ("objects",),
    "keypoints": ("objects",),
}
"""Labels that mean nothing without other labels."""

SEVERAL_FRAMES = (*FLOW, "tracks")
"""Labels that a scene of a single frame does not have."""

PRESETS = {
    "detection": ("rgb", "depth", "instances", "semantic", "objects", "camera", "coco"),
    "pose": (
        "rgb",
        "depth",
        "normals",
        "object_coordinates",
        "instances",
        "objects",
        "amodal_masks",
        "keypoints",
        "camera",
    ),
    "flow": ("rgb", "depth", "instances", *FLOW, "tracks", "camera"),
    "all": LABELS,
}
"""Names for lists of labels. A preset leaves out what the scene cannot have."""
