"""The keys for the contents of a scene: stage, assets, objects, placement, materials."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.config.keys import Drawn, chance, factor, key, names, pair, weighted_names

FURNISHING_LABELS = ("instances", "ignore", "none")
"""How furnishings are labelled."""


@dataclass
class SceneConfig:
    name: str = key("tabletop", "Stage that supports the objects. Chosen with scene=NAME.")
    size_range: Drawn = factor(
        [0.9, 1.6],
        "Width of the table, bin, shelf, room or ground, metres. Stages that can grow are enlarged "
        "if the objects need more space.",
        (0.05, 500),
    )
    blend: str | None = key(None, "Your own .blend file as the stage, with scene=blend.")
    label_furnishings: str = key(
        "instances",
        "How the furnishings of a stage, such as a room's chairs, are labelled if they belong to a "
        "labelled class. instances: like every object. ignore: as ignore regions, which count "
        "neither for nor against a detector. none: not at all, which teaches a detector that they "
        "are background. Objects that cannot be separated (hedges, rows of books) are ignore "
        "regions with instances, too.",
        one_of=FURNISHING_LABELS,
        before="none",
    )


@dataclass
class AssetsConfig:
    dir: str | None = key(
        None, "Folder of your own meshes, one sub-folder per class (OBJ, GLB, glTF, PLY, STL)."
    )
    classes: list[str] | None = key(None, "Classes to use; null uses all.")
    synonyms: list[str] = key(
        [],
        "Your names for built-in classes, such as Stuhl:chair. Furnishings of that class are then "
        "labelled with your name, and it is not used for distractors. Plurals and common synonyms, "
        "such as sofa for couch, are recognized automatically.",
    )
    tags: list[str] | None = key(
        None,
        "Use the classes that have one of these tags, such as tabletop or furniture; null uses "
        "all. Each stage sets suitable tags.",
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
        200.0,
        "Largest size of a mesh file, megabytes; larger files are skipped.",
        at_least=0.001,
        at_most=10_000,
    )
    size_range: list[float] = pair(
        [0.002, 20.0],
        "Allowed length of a mesh's longest side, metres. Other meshes are skipped, since their "
        "unit is probably wrong.",
        (1e-06, 1e6),
    )


@dataclass
class ObjectsConfig:
    count_range: Drawn = factor(
        [5, 12],
        "Number of objects in a scene. Scenes with 0 objects show only the stage and distractors; "
        "detectors benefit from such images without labelled objects.",
        (0, 1_000_000),
        whole=True,
    )
    scale_range: Drawn = factor(
        [1.0, 1.0], "Factor applied to an object's metric size.", (0.001, 1000.0), per="object"
    )
    size_range: Drawn = factor(
        None,
        "Length of an object's longest side, metres; replaces its own size. For meshes without a "
        "unit, and for domain randomization.",
        (0.001, 1000.0),
        per="object",
    )
    weights: list[str] = weighted_names(
        [], "Relative frequency of classes, as class:weight. Classes not listed have weight 1."
    )


@dataclass
class DistractorsConfig:
    count_range: Drawn = factor(
        [0, 0], "Number of unlabelled objects among the labelled ones.", (0, 10_000), whole=True
    )
    classes: list[str] | None = key(
        None,
        "Classes of distractors, built-in or of assets.dir; null uses all built-in ones that are "
        "not among the labelled classes.",
    )
    fitted: bool = key(
        True,
        "Scale distractors into the range of sizes of the scene's objects, so that a bottle does "
        "not bury screws. If false, they keep their real size.",
        before=False,
    )


@dataclass
class PlacementConfig:
    methods: list[str] = names(
        ["drop"],
        "How objects are placed: drop (they fall and come to rest), scatter (separately, with gaps "
        "between them), grid (in rows), stack (on top of each other) or float (anywhere in the "
        "air).",
        of=("drop", "scatter", "grid", "stack", "float"),
    )
    poses: list[str] = names(
        ["upright:0.7", "tumbled:0.3"],
        "Pose in which an object is dropped or placed: upright, side, upside_down or tumbled.",
        of=("upright", "side", "upside_down", "tumbled"),
        per="object",
    )
    spread: float = key(
        1.0,
        "Relative radius of the area on which objects are placed; 1 makes a loose pile.",
        at_least=0.0,
        at_most=10.0,
    )
    gap_range: Drawn = factor(
        [0.01, 0.06],
        "Distance between objects that are scattered or in a grid, metres; less if space is "
        "limited.",
        (0.0, 100.0),
    )
    structured: float = chance(
        0.8,
        "Probability that an upright object is placed along the lanes, rows or walls that a stage "
        "has for its class, and aligned with them, rather than anywhere.",
        before=0.0,
    )
    max_seconds: float = key(
        6.0,
        "Simulated time after which a pile that is still moving is dropped again, seconds.",
        at_least=1.0,
        at_most=600,
    )
    batch: int = key(
        16,
        "Number of dropped objects above which they fall in batches of 16, while the heap moves "
        "only where they hit it. This is faster, and allows hundreds of objects. 0: all fall at "
        "once.",
        at_least=0,
        at_most=1_000_000,
        before=0,
    )
    crowd: int = key(
        1_000_000,
        "Number of objects on one support from which physics uses a faster approximation: objects "
        "at rest sleep, and contacts are softer. Only objects that do not fall in batches.",
        at_least=1,
        at_most=1_000_000,
    )


@dataclass
class MaterialsConfig:
    level: str = key(
        "realistic",
        "Choice of materials: realistic (they fit the class), plausible (any real material on any "
        "object) or random (any colour, pattern and finish: domain randomization).",
        one_of=("realistic", "plausible", "random"),
    )
    keep_own: bool = key(True, "Keep the materials and textures of mesh files.")
    textures: str | None = key(
        None, "Folder of your own images and PBR texture sets, used as textures."
    )
    texture_sets: bool = key(
        True,
        "Recognize sets of images by their names (Bricks_Color, Bricks_NormalGL, "
        "Bricks_Roughness), and use each as one material. If false, each image is a texture.",
        before=False,
    )
    texture_probability: float = key(
        0.5,
        "Fraction of the surfaces that get one of the images in `textures`.",
        at_least=0.0,
        at_most=1.0,
    )
    texture_size_range: Drawn = factor(
        ["log_uniform", 0.05, 0.5],
        "Width that one texture image covers, metres. Installed texture sets keep their own.",
        (0.001, 1000.0),
    )
