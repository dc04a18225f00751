"""The card of an export to Hugging Face: what its columns are, and where its images come from."""

from __future__ import annotations

from typing import Any

from simgen.formats.plan import Plan
from simgen.formats.simgen.read import SimgenSource
from simgen.report.card.front import front_matter, size_category, tags, tasks
from simgen.report.card.gather import gather
from simgen.report.card.text import escape, head_of, licences, limits, making


def card(plan: Plan, splits: list[dict[str, Any]], held: frozenset[str]) -> str:
    """README.md. splits: as `datasets` has them in its own cards. held: labels that the format
    holds."""
    head, about = _about(plan, sum(split["num_examples"] for split in splits), held)
    head |= {
        "configs": [
            {
                "config_name": "default",
                "data_files": [
                    {"split": split["name"], "path": f"data/{split['name']}-*.parquet"}
                    for split in splits
                ],
            }
        ],
        "dataset_info": {
            "features": features(plan.classes),
            "splits": splits,
        },
    }
    counts = ", ".join(f"{split['name']} {split['num_examples']}" for split in splits)
    return (
        f"{front_matter(head)}\n# {escape(head['pretty_name'])}\n\n"
        f"Made with simgen. {counts} images; {len(plan.classes)} classes.\n\n"
        "`objects` has a list for each field, an entry for each visible object: `bbox` is "
        "`[x, y, w, h]` in\npixels, `segmentation` COCO's compressed run lengths, `keypoints` "
        "`[x, y, v]` of each of\n`keypoint_names`, one after the other. `category` counts from 0.\n"
        f"{about}"
    )


def _about(plan: Plan, images: int, held: frozenset[str]) -> tuple[dict[str, Any], str]:
    """The card's head, and what it says of where the images come from: as the dataset's own card
    does, where they are all of one dataset of simgen's."""
    sources = [source for source in plan.sources if isinstance(source, SimgenSource)]
    size = {"size_categories": [size_category(images)]}
    if len(sources) != 1 or len(plan.sources) != 1:
        labels = plan.labels & held or {"objects", "instances"}
        head: dict[str, Any] = {"pretty_name": "Images with labels", "license": "unknown"}
        about = "\n## Licences\n\nThose of the datasets that it was made from.\n"
        return head | {"task_categories": tasks(labels), "tags": tags(labels)} | size, about
    facts = gather(sources[0].dataset)
    parts = {
        "How it was made": making(facts),
        "Licences and authors": licences(facts.parts),
        "Known limits": limits(facts),
    }
    head = head_of(facts)
    # Parquet holds these alone.
    head["task_categories"] = tasks(plan.labels & {*held, "instances"})
    return head | size, "".join(f"\n## {title}\n\n{text}\n" for title, text in parts.items())


def features(classes: tuple[str, ...]) -> list[dict[str, Any]]:
    """As a card has them. `sequence` is how all versions of `datasets` spell a list; of columns it
    means a list for each."""
    names = {"names": {str(number): name for number, name in enumerate(classes)}}
    columns = [
        {"name": "id", "dtype": "int64"},
        {"name": "category", "dtype": {"class_label": names}},
        {"name": "bbox", "sequence": "float64", "length": 4},
        {"name": "area", "dtype": "float64"},
        {"name": "iscrowd", "dtype": "int64"},
        {
            "name": "segmentation",
            "struct": [
                {"name": "size", "sequence": "int32", "length": 2},
                {"name": "counts", "dtype": "string"},
            ],
        },
        {"name": "visible_fraction", "dtype": "float64"},
        {"name": "keypoints", "sequence": "float64"},
        {"name": "keypoint_names", "sequence": "string"},
    ]
    return [
        {"name": "image", "dtype": "image"},
        {"name": "image_id", "dtype": "int64"},
        {"name": "width", "dtype": "int32"},
        {"name": "height", "dtype": "int32"},
        {"name": "objects", "sequence": columns},
    ]
