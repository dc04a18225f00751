"""The command line of `simgen card`."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.dataset.remote import is_remote, locate
from simgen.errors import InputError
from simgen.report.card.write import write_card
from simgen.runs.console import say


def run(words: Sequence[str], console: Console) -> int:
    """Returns the exit code. Raises `InputError` and `OSError`."""
    parser = argparse.ArgumentParser(
        "simgen card",
        description="Write README.md, a card in Hugging Face's form: what the dataset is, how it "
        "was made, the licences of its assets, its limits. Every run does so at its end.",
    )
    parser.add_argument("dataset", metavar="DATASET", type=locate, help="its folder, or its URI")
    place = parser.parse_args(words).dataset
    with tempfile.TemporaryDirectory() as scratch:
        # In object storage, what is uploaded is written here first.
        layout = Layout(place, Path(scratch)) if is_remote(place) else Layout(place)
        written = write_card(layout, Dataset(place))
    if written is None:
        raise InputError(
            f"{layout.card}: was edited, so it is left as it is; move it away to get a new one"
        )
    say(console, f"card     {written}")
    return 0
