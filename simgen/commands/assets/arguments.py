"""The command line of `simgen assets`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from simgen.errors import InputError
from simgen.runs.console import say as print_line
from simgen.runs.progress import Tell, image_bar

LIBRARY, DOWNLOADS = Path("my_assets"), Path("my_downloads")

Bar = Callable[[str], Tell]


def run(words: Sequence[str], console: Console) -> int:
    """Run the command and return its exit code. words: arguments after `simgen assets`."""
    given = _parser().parse_args(words)
    from simgen.commands.assets import actions as commands

    say = partial(print_line, console)
    with image_bar(console) as bar:
        match given.action:
            case "add":
                return commands.add(
                    given.path, given.to, _import_options(given), given.thumbnails, say, bar
                )
            case "install":
                return _install(given, say, bar)
            case "list":
                return commands.show_list(given.folder, given.sheet, say, bar)
            case "show":
                return commands.show_one(given.folder, given.asset, say)
            case _:
                return commands.check(given.folder, say)


def _install(given: argparse.Namespace, say: Callable[[str], None], bar: Bar) -> int:
    from simgen.assets.sites.installing import SITES, read_list
    from simgen.commands.assets import actions, downloads

    if given.library not in SITES:
        if given.ids or given.list:
            raise InputError(f"{given.library}: expected no ids; it is installed as a whole")
        return actions.install_library(
            given.library, given.to or LIBRARY, given.thumbnails, say, bar
        )
    ids = [*given.ids, *(read_list(given.list) if given.list else ())]
    wanted = downloads.Wanted(given.library, ids, given.resolution, given.api, given.class_name)
    return downloads.install(wanted, given.to or DOWNLOADS, given.thumbnails, say)


def _import_options(given: argparse.Namespace):  # type: ignore[no-untyped-def]
    from simgen.assets.checking import GUESS
    from simgen.assets.importing import ImportOptions
    from simgen.assets.sizes import NAMES

    try:
        unit = GUESS if given.unit == "guess" else NAMES.get(given.unit) or float(given.unit)
    except ValueError:
        unit = -1.0
    if not (unit == GUESS or 0 < unit < float("inf")) or (unit == GUESS and given.unit != "guess"):
        known = ", ".join(NAMES)
        raise InputError(
            f"--unit: found {given.unit!r}; expected metres per file unit, one of {known}, or guess"
        )
    if not 0 < given.scale < float("inf"):
        raise InputError(f"--scale: found {given.scale}; expected a number above 0")
    tags = tuple(tag.strip() for tag in given.tags.split(",") if tag.strip())
    return ImportOptions(
        class_name=given.class_name,
        licence=given.licence,
        author=given.author,
        source=given.source,
        tags=tags,
        unit=unit,
        up=given.up,
        scale=given.scale,
        layout=given.layout,
    )


def _parser() -> argparse.ArgumentParser:
    from simgen.assets.layouts import registry
    from simgen.assets.sites.item import RESOLUTIONS

    parser = argparse.ArgumentParser("simgen assets", description="Manage a folder of models.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    adding = actions.add_parser("add", help="import a file, a folder or an archive")
    adding.add_argument("path", type=Path, help="OBJ, GLB, glTF, PLY, STL, FBX, USD, .blend, .zip")
    adding.add_argument(
        "--class", dest="class_name", help="class name (default: name of the sub-folder)"
    )
    adding.add_argument("--licence", default="", help="such as CC0-1.0")
    adding.add_argument("--author", default="")
    adding.add_argument("--source", default="", help="origin, such as a URL")
    adding.add_argument("--tags", default="", help="separated by commas")
    adding.add_argument(
        "--unit", default="1", help="metres per file unit, mm, cm, inch, or guess (default: 1)"
    )
    adding.add_argument("--up", default="auto", choices=("auto", "y", "z"), help="vertical axis")
    adding.add_argument("--scale", type=float, default=1.0, help="scale factor")
    adding.add_argument(
        "--layout",
        default=registry.AUTO,
        choices=registry.NAMES,
        help="arrangement of the folder: of a published library, classes for one sub-folder per"
        " class, or auto to recognize it (default: %(default)s)",
    )
    installing = actions.add_parser("install", help="download a library, textures or HDRIs")
    installing.add_argument("library", help="sweethome3d, polyhaven or ambientcg")
    installing.add_argument(
        "ids", nargs="*", help="items of polyhaven or ambientcg, such as brick_wall_001"
    )
    installing.add_argument("--list", type=Path, help="text file with one id a line")
    installing.add_argument(
        "--resolution",
        default=RESOLUTIONS[0],
        choices=RESOLUTIONS,
        help="of images (default: %(default)s)",
    )
    installing.add_argument("--class", dest="class_name", default="", help="class of models")
    installing.add_argument("--api", help="address of another server with the site's API")
    adding.add_argument(
        "--to", type=Path, default=LIBRARY, help="asset folder (default: %(default)s)"
    )
    installing.add_argument(
        "--to",
        type=Path,
        help=f"asset folder (default: {LIBRARY}), or folder of images (default: {DOWNLOADS})",
    )
    for action in (adding, installing):
        action.add_argument(
            "--no-thumbnails",
            dest="thumbnails",
            action="store_false",
            help="do not render thumbnails",
        )
    listing = actions.add_parser("list", help="list all assets")
    listing.add_argument("folder", type=Path)
    listing.add_argument("--sheet", type=Path, help="write a sheet of thumbnails to this PNG file")
    showing = actions.add_parser("show", help="show the catalogue entry of an asset")
    showing.add_argument("folder", type=Path)
    showing.add_argument("asset", help="id of an asset, or a class")
    checking = actions.add_parser("check", help="load every asset as a run would")
    checking.add_argument("folder", type=Path)
    return parser
