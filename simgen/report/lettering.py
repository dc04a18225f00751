"""Text in pictures: short enough, in a font that has its letters."""

from __future__ import annotations

from pathlib import Path

from PIL import ImageFont

_NO_LETTER = "\U0010ffff"


def shortened(text: str, most: int = 24) -> str:
    """A name that fits beside a chart, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def lettering(text: str, size: int, otherwise: str) -> tuple[ImageFont.FreeTypeFont, str]:
    """A font of `size` pixels, and the text. Where no font has all its letters, `otherwise`, which
    says more than a row of boxes."""
    plain = ImageFont.load_default(size=size)
    assert isinstance(plain, ImageFont.FreeTypeFont)
    if _has(plain, text):
        return plain, text
    import matplotlib  # brings a font with Greek, Cyrillic and more; 0.1 s

    wide = ImageFont.truetype(
        Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf"), size=size
    )
    return (wide, text) if _has(wide, text) else (plain, otherwise)


def _has(font: ImageFont.FreeTypeFont, text: str) -> bool:
    missing = bytes(font.getmask(_NO_LETTER))
    return all(bytes(font.getmask(letter)) != missing for letter in set(text) - set(" "))
