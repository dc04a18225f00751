"""Validation of simgen's own datasets."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import batched, pairwise

from simgen.dataset import files, layout, manifest, remote
from simgen.dataset.layout import Layout, frame_file
from simgen.dataset.manifest import Manifest
from simgen.dataset.remote import AnyPath
from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading.json_file import read_bounded, size_finding
from simgen.formats.simgen import (
    frame_camera,
    frame_lidar,
    frame_maps,
    frame_masks,
    frame_sensor_depth,
    scene_models,
    scene_motion,
)
from simgen.formats.simgen.coco_files import agreement, facts_of
from simgen.formats.simgen.frame import Frame, in_scene, load, stored_labels
from simgen.formats.validate import pictures, training
from simgen.formats.validate.kind import Kind, Part, Work, subsample
from simgen.formats.validate.seen import Seen
from simgen.labels.registry import LABELS, array_files, scene_files
from simgen.sampling.splits import Splits
from simgen.spec.scene import SceneSpec
from simgen.spec.scene import loads as load_spec
from simgen.stages.resolver import Resolver

_SCENES_A_PART = 8


def looks_like(path: AnyPath) -> bool:
    return remote.size(path / "dataset.json") >= 0


def work(root: AnyPath, sample: int) -> Work:
    place = Layout(root)
    content = manifest.read(place)
    first = Seen(list(_manifest(content)))
    if first.findings:
        return Work(first)
    there = place.committed()
    if not there:
        raise InputError(f"{root}: has no scenes yet; generate at least one before validating")
    missing = content.num_scenes - len(there)
    if missing > 0:
        found = f"{len(there)} scenes"
        at = At("scenes")
        first.findings.append(at("dataset/scenes", found, f"{content.num_scenes}"))
    chosen = subsample(there, sample)
    complete = len(chosen) == len(there)
    if content.plugins:
        at, found = At("dataset.json", "plugins"), f"generated with --plugin {content.plugins[0]}"
        first.findings.append(at("dataset/mesh-absent", found, "no plugins"))
    modelled = frozenset(() if content.plugins else subsample(chosen, scene_models.SCENES))
    frames = content.frames_per_scene
    parts = (
        Part(check_scenes, (root, content, some, modelled.intersection(some)), len(some) * frames)
        for some in batched(chosen, _SCENES_A_PART, strict=False)
    )
    return Work(first, parts, len(chosen) * frames, partial(_last, root, content, complete))


def _manifest(content: Manifest) -> Iterator[Finding]:
    wrong = partial(finding, "dataset/manifest", "dataset.json")
    for what, names in (("classes", content.classes), ("labels", content.labels)):
        doubled = [name for name, count in Counter(names).items() if count > 1]
        if doubled:
            yield wrong(what, f"{doubled[0]!r} twice", "each name once")
    unknown = sorted(set(content.labels) - set(LABELS))
    if unknown and not content.plugins:  # labels of plugins are not registered here
        yield wrong("labels", unknown[0], f"one of {', '.join(sorted(LABELS))}")
    if content.frames_per_scene < 1:
        yield wrong("", content.frames_per_scene, "at least 1 frame per scene")
    try:
        splits_of(content)
    except (InputError, ValueError, KeyError, TypeError) as problem:
        yield wrong("config.splits", str(problem), "name:weight")


def splits_of(content: Manifest) -> Splits:
    config = content.config
    shares = [float(case["share"]) for case in config["cases"]]
    return Splits.read(config["seed"], config["splits"], shares)


def check_scenes(
    root: AnyPath, content: Manifest, scenes: Sequence[int], modelled: frozenset[int]
) -> Seen:
    """Check some scenes of a dataset. modelled: those whose meshes are rebuilt."""
    seen = Seen()
    resolver = scene_models.resolver_of(content)
    splits = splits_of(content)
    for scene in scenes:
        folder = Layout(root).scene(scene)
        frames, split = content.frames_per_scene, splits.of(scene)
        samples = [
            Sample(folder, scene, frame, frames, content.labels, split) for frame in range(frames)
        ]
        _scene(samples, content, seen, resolver if scene in modelled else None)
    return seen


def _scene(
    samples: Sequence[Sample], content: Manifest, seen: Seen, resolver: Resolver | None
) -> None:
    spec, found = _spec(samples)
    seen.findings += [*found, *_extra(samples)]
    rigid = frozenset(
        item.instance_id for item in (spec.objects if spec else ()) if item.deformation is None
    )
    if spec is not None:
        name = in_scene(samples[0], layout.SPEC)
        seen.findings += scene_models.furnishings(name, spec, content, resolver)
    frames: list[Frame | None] = []
    for sample in samples:
        frame, found = load(sample)
        seen.findings += found
        seen.images += 1
        frames.append(frame)
        if frame is None:
            seen.facts.append((sample.image_id, "", ""))
        else:
            seen.findings += _frame(frame, content, rigid)
            if spec is not None and frame.sound:
                seen.findings += frame_sensor_depth.sensor_depth(frame, spec.depth_camera)
            seen.facts.append(facts_of(frame))
            seen.per_class.update(o.class_name for o in frame.objects if o.visible_pixels)
            if "objects" in content.labels:
                _count(frame, seen)
            if frame.has("rgb"):
                _picture(frame, seen)
    loaded = [frame for frame in frames if frame is not None]
    if len(loaded) == len(frames):
        seen.findings += _together(loaded, spec, rigid)
        if spec is not None and resolver is not None:
            meshes = scene_models.object_meshes(spec, resolver)
            for frame in loaded[:: max(len(loaded) - 1, 1)]:  # the first and the last one
                seen.findings += scene_models.reprojected(frame, spec, meshes)


def _frame(frame: Frame, content: Manifest, rigid: frozenset[int]) -> list[Finding]:
    """Check one frame, without rules that depend on a broken camera, pose or depth."""
    found = [*frame_camera.camera(frame)]
    if found:
        frame.sound = False
        return found
    found += [*frame_camera.ids(frame, content.classes)]
    found += frame.of_objects(frame_camera.visibility)
    poses = frame.of_objects(frame_camera.pose)
    found += [*poses, *frame_masks.masks(frame), *frame_masks.classes(frame, content.classes)]
    found += frame_masks.regions(frame, content.classes)
    found += frame_masks.panoptic(frame, len(content.classes), len(content.stuff_classes))
    found += frame_masks.amodal(frame)
    depth = frame_maps.depth(frame)
    found += [*depth, *frame_maps.normals(frame), *frame_maps.ranges(frame)]
    if not poses:
        found += frame_lidar.lidar(frame, len(content.classes))
    frame.sound = not poses and not depth
    if frame.sound:
        found += frame_maps.boxes(frame, rigid)
    if not depth:
        found += [*frame_maps.disparity(frame), *frame_maps.keypoints(frame)]
    return found


def _together(
    frames: Sequence[Frame], spec: SceneSpec | None, rigid: frozenset[int]
) -> Iterator[Finding]:
    yield from scene_motion.same_objects(frames)
    if spec is not None and frames[0].record.objects is not None:
        stored = [(item.instance_id, item.class_id) for item in spec.objects]
        there = [(item.instance_id, item.class_id) for item in frames[0].objects]
        if stored != there:
            at = At(in_scene(frames[0].sample, layout.SPEC), "objects")
            yield at("dataset/spec", stored, f"{there}, as in the frames")
    for here, there_too in pairwise(frames):
        if not (here.sound and there_too.sound and _same_camera(here, there_too)):
            continue
        yield from scene_motion.between(here, there_too, "forward", rigid)
        yield from scene_motion.between(there_too, here, "backward", rigid)
    if "tracks" in frames[0].sample.labels and all(frame.sound for frame in frames):
        yield from _tracks(frames)


def _same_camera(here: Frame, there: Frame) -> bool:
    """Return whether two consecutive frames are of the same camera, rather than the last one of a
    rig's camera and the first one of its next."""
    rigs = here.camera.rig, there.camera.rig
    return rigs[0] is None or rigs[1] is None or rigs[0].camera == rigs[1].camera


def _tracks(frames: Sequence[Frame]) -> Iterator[Finding]:
    path = frames[0].sample.path("tracks")
    name = in_scene(frames[0].sample, path.name)
    missing = size_finding(path, name)
    if missing:
        yield missing
        return
    try:
        arrays = files.read_arrays(path)
    except (OSError, ValueError) as problem:
        found = str(problem).removeprefix(f"{path}: ")
        yield finding("dataset/tracks", name, "", found, "arrays without pickled objects")
        return
    yield from scene_motion.tracks(frames, arrays, name)


def _spec(samples: Sequence[Sample]) -> tuple[SceneSpec | None, list[Finding]]:
    sample = samples[0]
    name = in_scene(sample, layout.SPEC)
    content = read_bounded(sample.folder / layout.SPEC, name, 512_000_000)
    if isinstance(content, Finding):
        return None, [content]
    at, wanted = At(name), f"scene {sample.scene} with {len(samples)} cameras"
    try:
        spec = load_spec(content.decode())
    except Exception as problem:  # cattrs and its hooks raise various errors
        return None, [at("json/damaged", f"{type(problem).__name__}: {problem}", "a spec")]
    if (spec.index, len(spec.cameras)) != (sample.scene, len(samples)):
        found = f"scene {spec.index} with {len(spec.cameras)} cameras"
        return None, [at("dataset/spec", found, wanted)]
    return spec, []


def _extra(samples: Sequence[Sample]) -> Iterator[Finding]:
    known = {layout.SPEC, *scene_files()}
    for sample in samples:
        known.add(frame_file(sample.frame, layout.RECORD))
        own = (label for label in array_files() if label in sample.labels)
        known |= {sample.path(label).name for label in (*stored_labels(sample), *own)}
    folder = samples[0].folder
    for name in sorted(set(remote.names(folder)) - known):
        at = At(in_scene(samples[0], name))
        yield at("dataset/extra-file", "a file of no label", "only files of the scene")


def _count(frame: Frame, seen: Seen) -> None:
    shown = [(item.bbox, item.visible_fraction) for item in frame.objects if item.bbox is not None]
    size = frame.camera.width, frame.camera.height
    seen.census.image(size, [box for box, _ in shown], [part for _, part in shown])


def _picture(frame: Frame, seen: Seen) -> None:
    name = frame.file("rgb")
    seen.findings += pictures.faint(frame.arrays["rgb"], name)
    pixels = hashlib.blake2b(frame.arrays["rgb"].tobytes(), digest_size=16).hexdigest()
    seen.pictures.append(pictures.Picture(name, frame.sample.split, pixels))


def _last(root: AnyPath, content: Manifest, complete: bool, seen: Seen) -> list[Finding]:
    found = [*pictures.duplicates(seen.pictures), *training.stumbles("dataset.json", seen.census)]
    if not complete:
        return found
    if "objects" in content.labels:
        found += pictures.without_objects("dataset.json", content.classes, seen.per_class)
        found += training.rare("dataset.json", content.classes, seen.per_class)
    return [*found, *agreement(Layout(root), content, seen.facts)]


KIND = Kind("simgen", looks_like, work)
