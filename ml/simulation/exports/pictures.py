"""Pictures of simulated ads: a scene in one colour, somebody's face or a product, words, a button, a price badge.

Drawn, not photographed: what a model of creatives may look for in them (is there a face, which colour rules, how much
text, is there an offer) is really in the pixels, and nothing else is.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 240, 240  # pixels

COLOURS = {  # what the scene is painted in: light above, dark below, and what stands out against it
    "red": ((232, 92, 78), (150, 30, 34), (255, 236, 214)),
    "orange": ((246, 164, 74), (201, 92, 22), (62, 30, 12)),
    "yellow": ((250, 222, 108), (226, 170, 28), (58, 46, 10)),
    "green": ((116, 196, 130), (28, 112, 70), (240, 252, 232)),
    "blue": ((96, 158, 232), (24, 70, 152), (236, 246, 255)),
    "purple": ((170, 124, 214), (84, 44, 138), (248, 240, 255)),
    "grey": ((206, 208, 212), (120, 124, 132), (30, 32, 36)),
    "black": ((70, 72, 78), (16, 16, 20), (244, 244, 244)),
    "white": ((255, 255, 255), (232, 234, 238), (34, 38, 46)),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be seen. ``variant`` moves things about a little, so that no two pictures are alike."""

    colour: str  # of COLOURS
    face: bool
    headline: str
    call_to_action: str | None
    offer: str | None  # what the badge says: "-20 %"
    variant: int = 0


def draw(picture: Picture) -> bytes:
    """The picture as PNG. The same picture gives the same bytes."""
    light, dark, ink = COLOURS[picture.colour]
    rng = np.random.default_rng([_STREAM, picture.variant])
    image = Image.fromarray(_gradient(light, dark, rng))
    canvas = ImageDraw.Draw(image)
    centre = (int(rng.integers(66, 92)), int(rng.integers(120, 138)))
    if picture.face:
        _face(canvas, centre, rng)
    else:
        _product(canvas, centre, ink, rng)
    _words(canvas, picture.headline, ink)
    if picture.call_to_action:
        _button(canvas, picture.call_to_action, ink, dark)
    if picture.offer:
        _badge(canvas, picture.offer)
    out = io.BytesIO()
    image.save(out, format="PNG", compress_level=6)
    return out.getvalue()


def write_picture(path: Path, picture: Picture) -> None:
    """Write the picture as a PNG file."""
    path.write_bytes(draw(picture))


_STREAM = 900_101  # of random numbers: how things are moved about hangs on the variant alone
_MARGIN = 14
_SKIN = ((255, 224, 196), (241, 194, 150), (198, 134, 86), (141, 85, 48), (92, 56, 36))
_HAIR = ((40, 26, 20), (92, 58, 30), (170, 120, 60), (196, 170, 130), (120, 120, 124))

_Colour = tuple[int, int, int]


def _gradient(light: _Colour, dark: _Colour, rng: np.random.Generator) -> NDArray[np.uint8]:
    """From light above to dark below, slightly slanted."""
    slant = rng.uniform(-0.25, 0.25)
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    share = np.clip(down / HEIGHT + slant * (across / WIDTH - 0.5), 0.0, 1.0)[..., None]
    painted: NDArray[np.float64] = np.array(light) * (1 - share) + np.array(dark) * share
    return np.round(painted).astype(np.uint8)


def _face(canvas: ImageDraw.ImageDraw, centre: tuple[int, int], rng: np.random.Generator) -> None:
    """Shoulders, hair, a face with eyes and a smile."""
    x, y = centre
    skin, hair = _SKIN[rng.integers(len(_SKIN))], _HAIR[rng.integers(len(_HAIR))]
    shirt = tuple(int(part) for part in rng.integers(60, 220, 3))
    canvas.ellipse((x - 58, y + 34, x + 58, y + 150), fill=shirt)
    canvas.rectangle((x - 11, y + 26, x + 11, y + 50), fill=skin)
    canvas.ellipse((x - 42, y - 50, x + 42, y + 34), fill=hair)
    canvas.ellipse((x - 34, y - 38, x + 34, y + 44), fill=skin)
    for side in (-13, 13):
        canvas.ellipse((x + side - 6, y - 8, x + side + 6, y + 2), fill=(255, 255, 255))
        canvas.ellipse((x + side - 3, y - 6, x + side + 3, y), fill=(30, 30, 36))
    canvas.line((x, y - 2, x - 3, y + 12, x + 2, y + 13), fill=(120, 70, 50), width=2)
    canvas.arc((x - 15, y + 6, x + 15, y + 30), 20, 160, fill=(170, 40, 50), width=3)


def _product(canvas: ImageDraw.ImageDraw, centre: tuple[int, int], ink: _Colour, rng: np.random.Generator) -> None:
    """A box or a bottle on a stand."""
    x, y = centre
    body = tuple(int(part) for part in rng.integers(40, 235, 3))
    canvas.ellipse((x - 56, y + 62, x + 56, y + 84), fill=ink)
    if rng.random() < 0.5:
        canvas.rectangle((x - 40, y - 14, x + 40, y + 72), fill=body, outline=ink, width=2)
        canvas.polygon(((x - 40, y - 14), (x - 24, y - 34), (x + 56, y - 34), (x + 40, y - 14)), fill=ink)
    else:
        canvas.rounded_rectangle((x - 26, y - 22, x + 26, y + 72), radius=12, fill=body, outline=ink, width=2)
        canvas.rectangle((x - 10, y - 46, x + 10, y - 22), fill=ink)


def _words(canvas: ImageDraw.ImageDraw, text: str, ink: _Colour) -> None:
    """The headline, broken into at most four lines across the top; a long one is set smaller."""
    size = 22 if len(text) <= 24 else 17 if len(text) <= 60 else 13
    font = _font(size)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= WIDTH - 2 * _MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    for number, line in enumerate(lines[:4]):
        canvas.text((_MARGIN, _MARGIN + number * (size + 3)), line, fill=ink, font=font)


def _button(canvas: ImageDraw.ImageDraw, text: str, ink: _Colour, dark: _Colour) -> None:
    font = _font(15)
    width = int(font.getlength(text)) + 24
    right, bottom = WIDTH - _MARGIN, HEIGHT - _MARGIN
    canvas.rounded_rectangle((right - width, bottom - 30, right, bottom), radius=8, fill=ink)
    canvas.text((right - width / 2, bottom - 15), text, fill=dark, font=font, anchor="mm")


def _badge(canvas: ImageDraw.ImageDraw, text: str) -> None:
    x, y, radius = WIDTH - 48, 112, 34
    canvas.ellipse(
        (x - radius, y - radius, x + radius, y + radius), fill=(214, 24, 40), outline=(255, 255, 255), width=3
    )
    canvas.text((x, y), text, fill=(255, 255, 255), font=_font(18 if len(text) <= 5 else 12), anchor="mm")


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, so that nothing of the machine shows."""
    return ImageFont.load_default(size)
