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
    """Run the command and return its exit code. Raises `InputError` and `OSError`."""
    parser = argparse.ArgumentParser(
        "simgen card",
        description="Write README.md, a dataset card in Hugging Face's format: what the dataset "
        "contains, how it was generated, the licences of its assets, its limitations. Every run "
        "ends by writing one.",
    )
    parser.add_argument("dataset", metavar="DATASET", type=locate, help="folder or URI")
    place = parser.parse_args(words).dataset
    with tempfile.TemporaryDirectory() as scratch:
        # Uploads to object storage are written locally first.
        layout = Layout(place, Path(scratch)) if is_remote(place) else Layout(place)
        written = write_card(layout, Dataset(place))
    if written is None:
        raise InputError(
            f"{layout.card}: was edited, so it is not overwritten; move it away to get a new one"
        )
    say(console, f"card     {written}")
    return 0
