"""The dataset card of an export to Hugging Face: its columns and the origin of its images."""

from __future__ import annotations

from typing import Any

from simgen.formats.plan import Plan
from simgen.formats.simgen.read import SimgenSource
from simgen.report.card.front import front_matter, size_category, tags, tasks
from simgen.report.card.gather import gather
from simgen.report.card.text import escape, head_of, licences, limits, making


def card(plan: Plan, splits: list[dict[str, Any]], held: frozenset[str]) -> str:
    """Return the content of README.md.

    splits: as `datasets` writes them in its own cards. held: the labels that the format stores.
    """
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
        "`objects` has one list per field with one entry per visible object: `bbox` is "
        "`[x, y, w, h]` in\npixels, `segmentation` COCO's compressed run lengths, `keypoints` the "
        "concatenated x, y, v of\n`keypoint_names`. `category` counts from 0.\n"
        f"{about}"
    )


def _about(plan: Plan, images: int, held: frozenset[str]) -> tuple[dict[str, Any], str]:
    """Return the card's front matter and its text on the origin of the images.

    The text is that of the dataset's own card if all images are from one of simgen's datasets.
    """
    sources = [source for source in plan.sources if isinstance(source, SimgenSource)]
    size = {"size_categories": [size_category(images)]}
    if len(sources) != 1 or len(plan.sources) != 1:
        labels = plan.labels & held or {"objects", "instances"}
        head: dict[str, Any] = {"pretty_name": "Images with labels", "license": "unknown"}
        about = "\n## Licences\n\nSee the licences of the source datasets.\n"
        return head | {"task_categories": tasks(labels), "tags": tags(labels)} | size, about
    facts = gather(sources[0].dataset)
    parts = {
        "How it was made": making(facts),
        "Licences and authors": licences(facts.parts),
        "Known limits": limits(facts),
    }
    head = head_of(facts)
    # The Parquet files store only these labels.
    head["task_categories"] = tasks(plan.labels & {*held, "instances"})
    return head | size, "".join(f"\n## {title}\n\n{text}\n" for title, text in parts.items())


def features(classes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the features of a card.

    All versions of `datasets` read `sequence` as a list; a sequence of columns is one list per
    column.
    """
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
