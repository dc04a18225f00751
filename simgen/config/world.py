"""The keys about what is in a scene: stage, assets, objects, placement, materials."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.config.keys import Drawn, chance, factor, key, names, pair, weighted_names

FURNISHING_LABELS = ("instances", "ignore", "none")
"""How furnishings are labelled."""


@dataclass
class SceneConfig:
    name: str = key("tabletop", "The stage that the objects stand on. Chosen with scene=NAME.")
    size_range: Drawn = factor(
        [0.9, 1.6],
        "Width of the table, bin, shelf, room or ground, metres. A stage that can grow is "
        "enlarged when the objects need more room.",
        (0.05, 500),
    )
    blend: str | None = key(None, "A .blend file of your own as the stage, with scene=blend.")
    label_furnishings: str = key(
        "instances",
        "How the furnishings of a stage, such as a room's chairs, are labelled where they are of "
        "a labelled class. instances: like every object. ignore: as regions to be ignored, which "
        "count neither for nor against a detector. none: not at all, which teaches a detector "
        "that they are background. What cannot be told apart as single things (hedges, rows of "
        "books) is ignored with instances too.",
        one_of=FURNISHING_LABELS,
        before="none",
    )


@dataclass
class AssetsConfig:
    dir: str | None = key(
        None, "Folder of your own meshes, one sub-folder per class (OBJ, GLB, glTF, PLY, STL)."
    )
    classes: list[str] | None = key(None, "Classes to use; all when not given.")
    synonyms: list[str] = key(
        [],
        "Your names of built-in classes, such as Stuhl:chair. Furnishings of that class are then "
        "labelled as yours, and no distractor is of it. Plurals and common synonyms, such as sofa "
        "for couch, are known.",
    )
    tags: list[str] | None = key(
        None,
        "Use classes that have one of these tags, such as tabletop or furniture; all when not "
        "given. A stage sets those that fit it.",
    )
    with_parametric: bool = key(
        False, "Use the built-in parametric classes in addition to those in `dir`."
    )
    unit: float = key(
        1.0,
        "Metres in one unit of the files: 0.001 for millimetres, 0.01 for centimetres.",
        at_least=1e-09,
        at_most=1e6,
    )
    up: str = key(
        "auto",
        "Up axis of the files: y, z or auto (y for OBJ and glTF, z for PLY and STL).",
        one_of=("auto", "y", "z"),
    )
    max_triangles: int = key(
        500_000, "Meshes with more triangles are skipped.", at_least=1, at_most=5_000_000
    )
    max_file_mb: float = key(
        200.0, "Larger files, in megabytes, are skipped.", at_least=0.001, at_most=10_000
    )
    size_range: list[float] = pair(
        [0.002, 20.0],
        "Metres. Meshes whose longest side is shorter or longer are skipped, since their unit is "
        "wrong.",
        (1e-06, 1e6),
    )


@dataclass
class ObjectsConfig:
    count_range: Drawn = factor(
        [5, 12],
        "Number of objects in a scene. A scene of 0 shows distractors, or its stage alone: images "
        "without labelled objects, which a detector needs to see too.",
        (0, 1_000_000),
        whole=True,
    )
    scale_range: Drawn = factor(
        [1.0, 1.0], "Factor on every object's metric size.", (0.001, 1000.0), per="object"
    )
    size_range: Drawn = factor(
        None,
        "Metres of an object's longest side, in place of its own size: for meshes without a unit, "
        "and for domain randomization.",
        (0.001, 1000.0),
        per="object",
    )
    weights: list[str] = weighted_names(
        [], "How likely classes are, as class:weight. A class that is not listed has weight 1."
    )


@dataclass
class DistractorsConfig:
    count_range: Drawn = factor(
        [0, 0], "Number of unlabelled objects among the labelled ones.", (0, 10_000), whole=True
    )
    classes: list[str] | None = key(
        None,
        "Built-in classes to draw distractors from; when not given, all that no labelled object "
        "is of.",
    )
    fitted: bool = key(
        True,
        "Scale down distractors that are longer than every object of their scene, and scale up "
        "those that are shorter than every object, so that a bottle does not bury screws. "
        "Otherwise all have their real size.",
        before=False,
    )


@dataclass
class PlacementConfig:
    methods: list[str] = names(
        ["drop"],
        "How objects are placed: drop (they fall and come to rest), scatter (they stand apart "
        "from each other), grid (in rows), stack (one on top of the other) or float (anywhere in "
        "the air).",
        of=("drop", "scatter", "grid", "stack", "float"),
    )
    poses: list[str] = names(
        ["upright:0.7", "tumbled:0.3"],
        "Initial pose of an object before it falls or is put down: upright, side, upside_down or "
        "tumbled.",
        of=("upright", "side", "upside_down", "tumbled"),
        per="object",
    )
    spread: float = key(
        1.0,
        "Radius of the area that objects are put on; 1 makes a loose pile.",
        at_least=0.0,
        at_most=10.0,
    )
    gap_range: Drawn = factor(
        [0.01, 0.06],
        "Metres between objects that are scattered or stand in a grid; less where there is too "
        "little room.",
        (0.0, 100.0),
    )
    structured: float = chance(
        0.8,
        "Probability that an upright object stands where a stage has lanes, rows or walls for its "
        "class, turned as these are; else anywhere.",
        before=0.0,
    )
    max_seconds: float = key(
        6.0,
        "Seconds of simulated time after which a pile that still moves is dropped again.",
        at_least=1.0,
        at_most=600,
    )
    crowd: int = key(
        1_000_000,
        "Number of objects on one support from which on a pile settles in a quicker way: what lies "
        "still sleeps, and contacts are softer. By default none does.",
        at_least=1,
        at_most=1_000_000,
    )


@dataclass
class MaterialsConfig:
    level: str = key(
        "realistic",
        "realistic (materials that fit the class), plausible (any real material anywhere) or "
        "random (any colour, pattern and finish anywhere: domain randomization).",
        one_of=("realistic", "plausible", "random"),
    )
    keep_own: bool = key(True, "Keep the materials and textures of mesh files.")
    textures: str | None = key(None, "A folder of your own images to cover surfaces with.")
    texture_probability: float = key(
        0.5, "Share of the surfaces that get one of them.", at_least=0.0, at_most=1.0
    )
    texture_size_range: Drawn = factor(
        ["log_uniform", 0.05, 0.5], "Metres that one image covers.", (0.001, 1000.0)
    )
