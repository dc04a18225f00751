"""Assembly of `index.html`: HTML, style and scripts in one file, since the page may only load
data."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import TemplateNotFound
from markupsafe import Markup

from simgen.errors import SimgenError
from simgen.report.templates import renderer

_APP = Path(__file__).resolve().parent / "app"
_PAGE = "index.html.jinja"


def page(app: Path = _APP) -> bytes:
    """Return the page. app: folder of `index.html.jinja`, `style.css` and scripts, which are joined
    in the order of their names.

    The content security policy allows the script by its digest (CSP Level 3, section 2.3.1). Raises
    `SimgenError` if a file is missing, is not included in the page or would end its element.
    """
    try:
        style = _inline("style", (app / "style.css").read_text(encoding="utf-8"))
        scripts = [path.read_text(encoding="utf-8") for path in sorted(app.glob("*.js"))]
        script = _inline("script", "\n".join(scripts))
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        content = renderer(app)(_PAGE, style=style, script=script, digest=digest)
    except (FileNotFoundError, TemplateNotFound) as error:
        name = getattr(error, "filename", None) or app / _PAGE
        raise SimgenError(f"{name}: simgen's own file is missing; reinstall simgen") from error
    for element, text in (("style", style), ("script", script)):
        if content.count(f"<{element}>{text}</{element}>") != 1:
            raise SimgenError(f"simgen's own {_PAGE}: expected one {element} element")
    return content.encode()


def _inline(element: str, text: str) -> Markup:
    if f"</{element}" in text.lower() or "<!--" in text:
        raise SimgenError(f"simgen's own pages: a {element} must not contain </{element} or <!--")
    return Markup(text)
