from __future__ import annotations

import itertools
import json

import pytest

from dashboard import theme

# Linear-RGB matrices for full dichromacy (Machado, Oliveira and Fernandes, 2009).
EYES = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
TEXTS = ("text", "text-soft", "text-faint", "accent", "good", "bad", "caution")
GROUNDS = ("canvas", "surface", "raised", "sunken", "hover")
ON_ITS_GROUND = {"accent": "accent-soft", "good": "good-soft", "bad": "bad-soft", "caution": "caution-soft"}


@pytest.mark.parametrize("path", theme.generated(), ids=lambda path: path.name)
def test_generated_assets_are_what_the_tokens_say(path) -> None:
    assert path.read_text(encoding="utf-8") == theme.generated()[path], "run `python -m dashboard.theme`"


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), list(itertools.product(TEXTS, GROUNDS)))
def test_text_can_be_read_on_every_ground(text, ground, mode) -> None:
    assert theme.contrast(theme.colour(text, mode), theme.colour(ground, mode)) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), [*ON_ITS_GROUND.items(), ("on-accent", "accent"), ("canvas", "text")])
def test_text_can_be_read_on_its_own_ground(text, ground, mode) -> None:
    assert theme.contrast(theme.colour(text, mode), theme.colour(ground, mode)) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("pair", theme.SERIES, ids=str)
def test_series_stand_out_from_the_surface(pair, mode) -> None:
    assert theme.contrast(getattr(pair, mode), theme.colour("surface", mode)) >= 3


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_no_two_series_look_alike_to_any_eye(mode, eye) -> None:
    seen = [oklab(getattr(pair, mode), EYES[eye]) for pair in theme.SERIES]
    distances = [sum((a - b) ** 2 for a, b in zip(*two, strict=True)) ** 0.5 for two in itertools.combinations(seen, 2)]
    assert min(distances) >= 0.09


def test_light_colours_differ_so_that_the_browser_can_exchange_them() -> None:
    light = [pair.light for pair in (*theme.COLOURS.values(), *theme.SERIES)]
    assert len(set(light)) == len(light)


def test_exchanging_the_colours_of_the_light_template_gives_the_dark_one() -> None:
    text = json.dumps(theme.template("light").to_plotly_json())
    for pair in (*theme.COLOURS.values(), *theme.SERIES):
        text = text.replace(pair.light, pair.dark)
    assert json.loads(text) == json.loads(json.dumps(theme.template("dark").to_plotly_json()))


def test_a_channel_has_one_colour_however_it_is_written() -> None:
    assert theme.channel_colour("Paid Search") == theme.channel_colour("paid_search") == theme.SERIES[0].light
    assert theme.channel_colour("Podcast") == theme.channel_colour("podcast")
    assert theme.channel_colour("Other") == theme.COLOURS["other"].light


def test_faded_is_the_form_that_the_browser_exchanges() -> None:
    assert theme.faded("#0a6577", 0.5) == "rgba(10, 101, 119, 0.5)"


def oklab(hexadecimal: str, eye) -> tuple[float, ...]:
    """The colour in OKLab (Ottosson, 2020), as ``eye`` sees it."""

    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    def times(matrix, vector):
        return [sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix]

    rgb = [linear(int(hexadecimal[i : i + 2], 16) / 255) for i in (1, 3, 5)]
    seen = [min(max(c, 0), 1) for c in times(eye, rgb)]
    lms = times(
        (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        ),
        seen,
    )
    return tuple(
        times(
            (
                (0.2104542553, 0.793617785, -0.0040720468),
                (1.9779984951, -2.428592205, 0.4505937099),
                (0.0259040371, 0.7827717662, -0.808675766),
            ),
            [max(c, 0) ** (1 / 3) for c in lms],
        )
    )
