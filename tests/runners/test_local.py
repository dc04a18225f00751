from __future__ import annotations

from pebble import ProcessExpired

from simgen.errors import AssetError, SimgenError
from simgen.runners.local import describe


def test_reasons_are_one_line_and_plain() -> None:
    assert describe(AssetError("a.obj: gone"), 60) == "a.obj: gone"
    assert describe(SimgenError("no place\n to lie"), 60) == "no place to lie"
    assert describe(ValueError("odd"), 60) == "ValueError: odd"
    assert describe(TimeoutError(), 60) == "took longer than runner.scene_timeout=60 s"
    assert "exit code -11" in describe(ProcessExpired("died", code=-11), 60)
