"""Text in pictures: shortening, and choice of a font that has all letters."""

from __future__ import annotations

from pathlib import Path

from PIL import ImageFont

_NO_LETTER = "\U0010ffff"


def shortened(text: str, most: int = 24) -> str:
    """Shorten a name to one line that fits beside a chart."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def lettering(text: str, size: int, otherwise: str) -> tuple[ImageFont.FreeTypeFont, str]:
    """Return a font of `size` pixels, and the text; or the text `otherwise` if no font has all
    letters, since missing letters would be drawn as boxes."""
    plain = ImageFont.load_default(size=size)
    assert isinstance(plain, ImageFont.FreeTypeFont)
    if _has(plain, text):
        return plain, text
    import matplotlib  # contains a font with Greek, Cyrillic and more; takes 0.1 s

    wide = ImageFont.truetype(
        Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf"), size=size
    )
    return (wide, text) if _has(wide, text) else (plain, otherwise)


def _has(font: ImageFont.FreeTypeFont, text: str) -> bool:
    missing = bytes(font.getmask(_NO_LETTER))
    return all(bytes(font.getmask(letter)) != missing for letter in set(text) - set(" "))
