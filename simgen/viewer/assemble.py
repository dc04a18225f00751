"""`index.html`: the pages' HTML, style and scripts in one file, for nothing may be loaded apart
from data."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from simgen.errors import SimgenError

_APP = Path(__file__).resolve().parent / "app"
_STYLE, _SCRIPTS, _HASHES = "/*STYLE*/", "/*SCRIPTS*/", "SCRIPT_HASHES"


def page(app: Path = _APP) -> bytes:
    """The page. app: folder of `index.html` with its placeholders, `style.css` and scripts, which
    are joined in the order of their names.

    `SCRIPT_HASHES` becomes the digest by which the content security policy knows the script (CSP
    Level 3, section 2.3.1). Raises `SimgenError` where a file is missing or would end its element.
    """
    try:
        template = (app / "index.html").read_text(encoding="utf-8")
        style = (app / "style.css").read_text(encoding="utf-8")
        scripts = [path.read_text(encoding="utf-8") for path in sorted(app.glob("*.js"))]
    except FileNotFoundError as error:
        raise SimgenError(
            f"simgen's own file {error.filename} is missing: install it anew"
        ) from error
    script = "\n".join(scripts)
    _check(template, style, script)
    before, between = template.split(_SCRIPTS)
    start = before.rindex(">") + 1
    inline = f"{before[start:]}{script}{between[: between.index('</script')]}"
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    # What is put in is not searched again: it may speak of placeholders.
    head = before.replace(_HASHES, f"'sha256-{digest}'")
    before_style, after_style = head.split(_STYLE)
    return f"{before_style}{style}{after_style}{script}{between}".encode()


def _check(template: str, style: str, script: str) -> None:
    for placeholder in (_STYLE, _SCRIPTS):
        if template.count(placeholder) != 1:
            raise SimgenError(f"simgen's own index.html: expected {placeholder} once")
    for element, text in (("style", style), ("script", script)):
        if f"</{element}" in text.lower() or "<!--" in text:
            raise SimgenError(f"simgen's own pages: a {element} would end before its end")
