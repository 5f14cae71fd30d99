import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ml.simulation.exports.pictures import COLOURS, HEIGHT, WIDTH, Picture, draw, write_picture

PLAIN = Picture(colour="blue", face=False, headline="New arrivals", call_to_action=None, offer=None, variant=3)


def pixels(picture):
    image = Image.open(io.BytesIO(draw(picture)))
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (WIDTH, HEIGHT))
    return np.asarray(image).astype(int)


def changed(one, other):
    """Where two pictures differ, as (rows, columns) of pixels."""
    return np.nonzero((pixels(one) != pixels(other)).any(axis=2))


def test_same_picture_same_bytes_and_another_variant_another_picture(tmp_path):
    path = tmp_path / "picture.png"
    write_picture(path, PLAIN)
    assert path.read_bytes() == draw(PLAIN)
    assert draw(replace(PLAIN, variant=4)) != draw(PLAIN)


def test_colour_rules_the_picture():
    means = {colour: pixels(replace(PLAIN, colour=colour)).mean(axis=(0, 1)) for colour in COLOURS}
    assert means["red"].argmax() == 0
    assert means["green"].argmax() == 1
    assert means["blue"].argmax() == 2
    assert means["white"].min() > means["grey"].max() > means["black"].max()


def test_a_face_has_white_eyes_and_a_product_has_none():
    def white(picture):
        return int((pixels(picture) == 255).all(axis=2).sum())

    assert white(PLAIN) == 0
    assert white(replace(PLAIN, face=True)) > 50


def test_button_stands_below_on_the_right_and_badge_beside():
    rows, columns = changed(PLAIN, replace(PLAIN, call_to_action="Shop now"))
    assert rows.min() > 0.7 * HEIGHT
    assert columns.min() > 0.4 * WIDTH
    rows, columns = changed(PLAIN, replace(PLAIN, offer="-20 %"))
    assert columns.min() > 0.6 * WIDTH
    assert 0.3 * HEIGHT < rows.mean() < 0.6 * HEIGHT


@pytest.mark.parametrize("variant", range(4))
def test_more_words_take_more_room(variant):
    empty = replace(PLAIN, headline="", variant=variant)
    short, long = (replace(PLAIN, headline=text, variant=variant) for text in ("Sale", "Everything for spring " * 4))
    assert len(changed(empty, short)[0]) < len(changed(empty, long)[0])
