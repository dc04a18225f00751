"""Furniture libraries of Sweet Home 3D (.sh3f): archives of OBJ models with a properties file.

The properties have keys such as `width#12=59.4`; lengths are centimetres.
`modelRotation#12` are nine numbers, a rotation row by row, for the y-up model, which is then scaled
to width, height and depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from simgen.assets.broken_references import Archive
from simgen.assets.entries import Entry, is_rotation
from simgen.assets.importing import Candidate, rounded
from simgen.assets.names import path_part
from simgen.errors import AssetError

PROPERTIES = "PluginFurnitureCatalog.properties"
_LICENCES = {
    "public domain": "CC0-1.0",
    "creative commons attribution 3.0 license": "CC-BY-3.0",
}
_UP_TO = 8 * 2**20
_PLACES = {
    "characters": "person",
    "exterior": "outdoor",
    "vehicles": "vehicle",
    "doors and windows": "building",
    "staircases": "building",
}
"""Tags of categories; all others are furniture or stand on it."""

_ROOTED = ("tree", "bush")
CLASSES = (
    # The first pattern that matches the English name decides; else the class is the name.
    ("armchair", r"armchair|relax chair"),
    ("chair", r"\bchair|\bseat$|class seat"),
    ("stool", r"stool|ottoman|puff"),
    ("sofa", r"sofa|couch|futon"),
    ("mug", r"mug|coffee cup"),
    ("cup", r"^(plastic )?cup$"),
    ("wine_glass", r"wine glass|cocktail glass"),
    ("glass", r"^(beer )?glass$"),
    ("bottle", r"\b(wine|beer|yogurt|medicine|spray|baby)? ?bottle|flacon"),
    ("table_lamp", r"desk lamp|little lamp|^lamp$"),
    ("clock", r"clock"),
    ("watch", r"\bwatch$"),
    ("tv", r"^tv\b|flat tv"),
    ("laptop", r"laptop|ibook"),
    ("phone", r"phone$"),
    ("bicycle", r"^bike$|bicycle"),
    ("car", r"sedan|smart car|suv|seat leon|renault|peugeot|ford|beetle|chevrolet|^van$"),
    ("motorcycle", r"motorbike|yamaha"),
    ("bus", r"\bbus$"),
    ("truck", r"truck"),
    ("desk", r"\bdesk\b"),
    ("tv_cabinet", r"tv stand|television cabinet"),
    ("bedside_table", r"bedside table"),
    ("coffee_table", r"coffee table"),
    ("table", r"\btable$|^table (on|with)"),
    ("bed", r"\bbed$|bed\b.*with|crib"),
    ("bookcase", r"bookcase|^shelves$"),
    ("wardrobe", r"wardrobe"),
    ("cabinet", r"cabinet|cupboard"),
    ("bench", r"bench$"),
    ("vase", r"\bvase$"),
    ("potted_plant", r"\bplant$|ficus|yucca|cactus|orchids|bonsai|spathiphyllum|white lily|bamboo"),
    ("tree", r"\btree$|maple|poplar|^pine|acacia|sycamore|cypress|blue pine|copper beech"),
    ("bush", r"bush|hedge"),
    ("person", r"\b(fe)?male\b|\bgirl$|\bboy$"),
    ("teddy", r"teddy bear"),
    ("ball", r"basketball$|soccer ball"),
    ("dog", r"(?<!hot )\bdog$|bulldog"),
    ("cat", r"\bcat$"),
    ("refrigerator", r"fridge|refrigerator"),
    ("oven", r"\boven$"),
    ("sink", r"sink|washbasin|basin$"),
    ("toilet", r"toilets unit"),
    ("window", r"window\b(?! shutter| blind)"),
    ("door", r"\bdoor\b(?!mat)"),
    ("trash_can", r"trash ?can|dustbin|recycling bin"),
    ("umbrella", r"umbrella"),
    ("book", r"^book$"),
    ("bowl", r"\bbowl\b"),
    ("plate", r"^(oval )?plate$"),
    ("knife", r"knife$"),
    ("apple", r"^apples?$"),
)


def candidates(folder: Path, shown: str, failed: list[tuple[str, str]]) -> Iterator[Candidate]:
    """The models of a library that was extracted to `folder`."""
    table = read_properties(folder / PROPERTIES)
    licence = table.get("license", "")
    library = table.get("name", shown)
    archive = Archive(folder)
    for number in range(1, 100_000):
        item = {key: table[f"{key}#{number}"] for key in _KEYS if f"{key}#{number}" in table}
        if "model" not in item:
            return
        name = f"{shown}: {item.get('name', number)}"
        try:
            yield _candidate(archive, folder, name, item, licence, library)
        except (AssetError, ValueError) as error:
            failed.append((name, str(error)))


_KEYS = (
    *("id", "name", "tags", "category", "creator"),
    *("model", "width", "depth", "height", "modelRotation"),
)


def _candidate(
    archive: Archive, folder: Path, shown: str, item: dict[str, str], licence: str, library: str
) -> Candidate:
    file = item["model"].lstrip("/")
    if ".." in PurePosixPath(file).parts or not (folder / file).is_file():
        raise AssetError(f"its model {file!r} is not in the archive")
    size = tuple(rounded(float(item[key]) / 100.0) for key in ("width", "depth", "height"))
    turn = tuple(float(word) for word in item.get("modelRotation", "").split())
    if turn and not is_rotation(turn):
        raise AssetError(f"its modelRotation {item['modelRotation']!r} is no rotation")
    name = item.get("name", PurePosixPath(file).stem)
    category = item.get("category", "").lower()
    notes = archive.repair(folder / file)
    words = [word.strip().lower() for word in item.get("tags", "").split(",")]
    place = _PLACES.get(category, "indoor" if max(size) <= 0.5 else "furniture")
    tags = dict.fromkeys(tag for tag in (name.lower(), category, place, *words) if tag)
    class_name = class_of(name)
    if class_name in _ROOTED:
        tags["rooted"] = None
    ready = Entry(
        id=f"{path_part(class_name)}/{path_part(library)}-{path_part(PurePosixPath(file).stem)}",
        class_name=class_name,
        file="",
        size=size,
        up="y",
        turn=turn,
        name=name,
        licence=_LICENCES.get(licence.lower(), licence),
        author=item.get("creator", ""),
        source=f"sweethome3d-furniture: {item.get('id', file)}",
        tags=tuple(dict.fromkeys(tags)),
        notes=tuple(notes),
    )
    return Candidate(folder, file, shown, ready)


def class_of(name: str) -> str:
    """The class of a model, from its English name."""
    low = name.lower()
    for class_name, pattern in CLASSES:
        if re.search(pattern, low):
            return class_name
    return path_part(low).replace("-", "_")


def read_properties(path: Path) -> dict[str, str]:
    """A Java properties file: Latin-1, `\\uXXXX` for other letters, `\\` before a line end."""
    if path.stat().st_size > _UP_TO:
        raise AssetError(f"{path.name} is larger than {_UP_TO // 2**20} MB")
    text = re.sub(r"\\\r?\n[ \t]*", "", path.read_text("latin-1"))
    table = {}
    for line in text.splitlines():
        found = re.match(r"\s*([^#!=:\s][^=:\s]*)\s*[=:\s]\s*(.*)$", line)
        if found:
            table[found[1]] = _unescaped(found[2]).strip()
    return table


def _unescaped(text: str) -> str:
    def letter(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        return {"t": "\t", "n": " ", "r": " "}.get(found[2], found[2])

    plain = re.sub(r"\\u([0-9a-fA-F]{4})|\\(.)", lambda m: letter(m), text)
    return plain if plain.isprintable() else "".join(c for c in plain if c.isprintable())
