"""A line about each label, with its unit, for cards. docs/labels.md says all of it."""

from __future__ import annotations

from types import MappingProxyType

ABOUT = MappingProxyType(
    {
        "rgb": "image, 8-bit sRGB",
        "rgb_right": "image of the right camera of a stereo pair, 8-bit sRGB",
        "depth": "distance along the camera's axis, metres",
        "ray_distance": "distance along the pixel's ray, metres",
        "normals": "unit normals of the surface, camera axes",
        "object_coordinates": "place in the object's own box (NOCS), 0 to 1",
        "uv": "texture coordinates",
        "albedo": "part of the light that surfaces scatter, linear Rec.709",
        "diffuse": "diffusely reflected light, linear Rec.709",
        "specular": "mirrored and transmitted light, linear Rec.709",
        "emission": "light that surfaces send out, linear Rec.709",
        "instances": "instance id of each pixel",
        "semantic": "class id of each pixel",
        "panoptic": "segment id of each pixel, stuff classes included",
        "parts": "which part of its object a pixel shows",
        "transparent": "pixels of surfaces that can be seen through",
        "flow_forward": "optical flow to the next frame, pixels",
        "flow_backward": "optical flow to the frame before, pixels",
        "occlusion_forward": "pixels that are hidden in the next frame",
        "occlusion_backward": "pixels that are hidden in the frame before",
        "scene_flow_forward": "motion in space to the next frame, metres",
        "scene_flow_backward": "motion in space to the frame before, metres",
        "disparity": "column in the left image minus column in the right one, pixels",
        "disparity_occlusion": "pixels that are hidden in the right image",
        "objects": "of each instance: class, pose (metres), 2D and 3D box (pixels, metres), "
        "mask, visible part",
        "amodal_masks": "silhouettes as if nothing hid them",
        "occlusion_order": "pairs of objects, which is in front",
        "keypoints": "named points of each object, pixels and metres",
        "tracks": "surface points followed through the frames, pixels",
        "camera": "intrinsics (pixels), lens, pose (metres)",
        "coco": "COCO instances of all images",
    }
)
