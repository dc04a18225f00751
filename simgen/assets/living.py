"""People and animals: how objects of these classes stand."""

from __future__ import annotations

STANDING = "standing"
"""Tag of what always stands upright where it is put, and is never dropped, tilted or pushed."""
TAGS = (STANDING, "floor", "outdoor", "street", "aerial")
"""Tags of people and animals: they stand on floors, outdoors and on pavements, not on tables."""
_PEOPLE = (
    *("person", "people", "human", "pedestrian", "man", "woman", "boy", "girl", "child", "baby"),
    *("adult", "worker", "cyclist", "rider", "male", "female"),
)
_ANIMALS = (
    *("animal", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra"),
    *("giraffe", "goat", "pig", "deer", "chicken", "duck", "goose", "rabbit", "fox", "wolf"),
    *("lion", "tiger", "monkey", "donkey", "camel", "pony", "puppy", "kitten"),
)
NAMES = frozenset((*_PEOPLE, *_ANIMALS))
"""Names of such classes; those of COCO are among them."""


def tags_of(class_name: str) -> tuple[str, ...]:
    """Return `TAGS` for a class of people or animals, and nothing for others. Case is ignored."""
    return TAGS if class_name.strip().lower() in NAMES else ()
