"""Pictures are kept as they came, once, and only if their bytes are those of a picture of a sane size."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from warehouse.errors import BadImage, NotFound
from warehouse.images import LARGEST, ImageStore, described


def picture(kind="PNG", size=(8, 6)):
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_pictures_are_known_by_their_bytes(kind):
    image = described(picture(kind))
    assert (image.media_type, image.width, image.height) == (f"image/{kind.lower()}", 8, 6)


def test_the_same_bytes_are_one_file(tmp_path):
    store = ImageStore(tmp_path / "images")
    first, again, other = store.keep(picture()), store.keep(picture()), store.keep(picture(size=(9, 9)))
    assert first == again
    assert store.find(first.digest).read_bytes() == picture()
    kept = [path for path in store.folder.rglob("*") if path.is_file()]
    assert sorted(path.name for path in kept) == sorted([first.digest, other.digest])


def test_a_folder_that_keeps_nothing_is_not_made(tmp_path):
    store = ImageStore(tmp_path / "images")
    with pytest.raises(BadImage):
        store.keep(b"GIF89")
    assert not store.folder.exists()


@pytest.mark.parametrize("digest", ["", "ab", "0" * 64, "../" * 20 + "etc/passwd", "A" * 64, "0" * 63 + "/"])
def test_what_is_not_kept_is_not_found(tmp_path, digest):
    with pytest.raises(NotFound):
        ImageStore(tmp_path).find(digest)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no PNG, JPEG, GIF or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "no PNG, JPEG, GIF or WebP"),
        (b"MZ\x90\x00" + b"\0" * 100, "no PNG, JPEG, GIF or WebP"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "PNG file is damaged"),
        (b"\xff\xd8\xff\xe0", "JPEG file is damaged"),
        (picture() + b"\0" * LARGEST, "larger than 20 MB"),
    ],
    ids=["empty", "svg", "program", "png", "jpeg", "large"],
)
def test_what_is_no_picture_is_refused_with_what_to_do(data, words):
    with pytest.raises(BadImage, match=words) as refusal:
        described(data)
    assert refusal.value.remedy


@pytest.mark.parametrize(("width", "height"), [(8_000, 5_001), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(width, height):
    """A few bytes that would unpack to gigabytes: the header says so, and nothing is unpacked."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(header)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    with pytest.raises(BadImage, match="40 million pixels"):
        described(bomb + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT")))


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]),
    cut=st.integers(0, 400),
    place=st.integers(0, 300),
    byte=st.integers(0, 255),
)
def test_a_damaged_picture_is_taken_or_refused_and_nothing_else(kind, cut, place, byte):
    data = bytearray(picture(kind))
    data[min(place, len(data) - 1)] = byte
    try:
        image = described(bytes(data[: max(cut, 4)]))
    except BadImage:
        return
    assert image.width * image.height <= 40_000_000
