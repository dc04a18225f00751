"""`simgen assets install polyhaven|ambientcg`: textures, HDRIs and models by id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simgen.assets.importing import Outcome
from simgen.assets.sites import installing
from simgen.assets.sites.download import Client
from simgen.assets.sites.item import HDRI, MODEL, TEXTURE, SiteItem
from simgen.commands.assets import actions
from simgen.errors import AssetError

_USE = {TEXTURE: "materials.textures", HDRI: "lighting.hdri_dir"}


@dataclass(frozen=True)
class Wanted:
    """Items to install. api: another address of the site's API. of_class: class of models."""

    site: str
    ids: Sequence[str]
    resolution: str = "1k"
    api: str | None = None
    of_class: str = ""


def install(wanted: Wanted, target: Path, thumbnails: bool, say: actions.Say) -> int:
    """Download items into sub-folders of `target`, and import models as assets.

    Items that are installed already are left alone. Return `INCOMPLETE` if some failed. Raises
    `InputError` if there are none.
    """
    ids = installing.checked(wanted.ids)
    client = installing.make_client(wanted.site, wanted.api)
    target.mkdir(parents=True, exist_ok=True)
    failed, kinds, outcome = 0, set(), Outcome()
    for name in ids:
        if found := installing.known(target, wanted.site, name):
            say(f"{name}: is installed already")
            kinds.add(found.kind)
            continue
        try:
            item = installing.SITES[wanted.site].find(client, name, wanted.resolution)
            _install_one(client, wanted, item, target, outcome, say)
            kinds.add(item.kind)
        except (AssetError, OSError) as error:
            failed += 1
            say(f"{name}: not installed: {' '.join(str(error).split())}")
    say(f"{len(ids) - failed} items in {target}, {failed} failed; licences are recorded there")
    for kind in sorted(kinds & _USE.keys()):
        folder = target / installing.FOLDERS[kind]
        say(f"use them with `simgen generate {_USE[kind]}={folder}`")
    if MODEL in kinds:
        done = actions.finish(target / "models", outcome, 1.0, thumbnails, say)
        failed += done != actions.DONE
    return actions.INCOMPLETE if failed else actions.DONE


def _install_one(
    client: Client,
    wanted: Wanted,
    item: SiteItem,
    target: Path,
    outcome: Outcome,
    say: actions.Say,
) -> None:
    if item.kind == MODEL:
        with installing.model(client, item, target, wanted.of_class) as found:
            what = (wanted.site, item.id, wanted.resolution)
            actions.take_all([found], target / "models", what, 1.0, outcome, say)
        return
    entry = installing.install(client, target, wanted.site, item)
    size = f", {entry.width:g} m wide" if entry.width else ""
    say(f"{item.id}: {item.kind} of {len(entry.files)} files{size}, {entry.licence}")
