"""Every kind of image file becomes the right square of RGB pixels, or is refused by name; what was done is told."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sgd_core.images import listing
from sgd_core.images.places import DataError
from sgd_core.training import decoding
from sgd_core.training.decoding import ALPHA, CONVERTED, DEEP, FRAMES, SQUEEZED, TURNED, checked, decode
from tests.images.folders import CATS_AND_DOGS, write

RED, BLUE = (200, 30, 40), (20, 40, 210)


def halves(width: int = 40, height: int = 40) -> Image.Image:
    """Red above, blue below."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    return image


def saved(image: Image.Image, file: Path, **how: Any) -> Path:
    image.save(file, **how)
    return file


def corners(pixels: np.ndarray) -> list[tuple[int, ...]]:
    """Top left, top right, bottom left, bottom right."""
    last = len(pixels) - 3
    return [tuple(map(int, pixels[y, x])) for y in (2, last) for x in (2, last)]


def near(found: list[tuple[int, ...]], wanted: list[tuple[int, ...]], by: int = 12) -> bool:
    return bool(np.abs(np.array(found) - np.array(wanted)).max() <= by)


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif", "tif", "webp", "ppm"])
def test_every_format_gives_the_same_picture(tmp_path: Path, ending: str) -> None:
    how: dict[str, Any] = {"lossless": True} if ending == "webp" else {"quality": 95} if ending == "jpg" else {}
    found = decode(saved(halves(), tmp_path / f"a.{ending}", **how), 32)
    assert found.pixels.shape == (32, 32, 3)
    assert found.pixels.dtype == np.uint8
    assert near(corners(found.pixels), [RED, RED, BLUE, BLUE])
    assert found.done == ((CONVERTED,) if ending == "gif" else ())


@pytest.mark.parametrize(
    ("orientation", "wanted"),
    [
        (1, [RED, RED, BLUE, BLUE]), (2, [RED, RED, BLUE, BLUE]), (3, [BLUE, BLUE, RED, RED]),
        (4, [BLUE, BLUE, RED, RED]), (5, [RED, BLUE, RED, BLUE]), (6, [BLUE, RED, BLUE, RED]),
        (7, [BLUE, RED, BLUE, RED]), (8, [RED, BLUE, RED, BLUE]), (99, [RED, RED, BLUE, BLUE]),
    ],
)  # fmt: skip
def test_exif_turns_the_image_before_it_is_squeezed(
    tmp_path: Path, orientation: int, wanted: list[tuple[int, ...]]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = decode(saved(halves(60, 40), tmp_path / "a.jpg", exif=exif, quality=95), 32)
    assert near(corners(found.pixels), wanted)
    assert found.done == ((TURNED, SQUEEZED) if 1 < orientation < 9 else (SQUEEZED,))


def test_exif_that_cannot_be_read_spoils_no_image(tmp_path: Path) -> None:
    found = decode(saved(halves(), tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff garbage", quality=95), 40)
    assert near(corners(found.pixels), [RED, RED, BLUE, BLUE])


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_sixteen_bits_are_scaled_so_that_the_largest_is_white(tmp_path: Path, ending: str) -> None:
    levels = np.array([0, 257, 32_896, 65_535], dtype=np.uint16)  # 0, 1, 128, 255 of 8 bits
    found = decode(saved(Image.fromarray(np.tile(levels, (4, 1))), tmp_path / f"a.{ending}"), 4)
    assert found.pixels[0, :, 0].tolist() == [0, 1, 128, 255]
    assert (found.pixels[..., 0] == found.pixels[..., 2]).all()
    assert found.done == (DEEP,)


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_thirty_two_bits_are_refused_by_name(tmp_path: Path, kind: type) -> None:
    file = saved(Image.fromarray(np.full((4, 4), 1000, dtype=kind)), tmp_path / "a.tif")
    with pytest.raises(DataError, match=f"^{file} has 32 bits a pixel, and nothing says .* white"):
        decode(file, 4)


def test_cmyk_is_made_rgb(tmp_path: Path) -> None:
    found = decode(saved(halves().convert("CMYK"), tmp_path / "a.jpg", quality=95), 40)
    assert near(corners(found.pixels), [RED, RED, BLUE, BLUE])
    assert found.done == (CONVERTED,)


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    image = halves().convert("RGBA")
    image.putalpha(Image.new("L", (40, 40), 255))
    image.paste((0, 0, 0, 0), (0, 0, 20, 40))
    white = (255, 255, 255)
    for file in (
        saved(image, tmp_path / "a.png"),
        saved(image.convert("LA"), tmp_path / "b.png"),
        saved(image, tmp_path / "c.gif"),
    ):
        found = decode(file, 40)
        assert corners(found.pixels)[::2] == [white, white]
        assert corners(found.pixels)[1] != white
        assert ALPHA in found.done
    key = Image.new("RGB", (40, 40), RED)
    found = decode(saved(key, tmp_path / "d.png", transparency=RED), 40)
    assert corners(found.pixels) == [white] * 4


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_grey_and_palette_are_made_rgb(tmp_path: Path, mode: str) -> None:
    image = halves().convert(mode)
    found = decode(saved(image, tmp_path / "a.png"), 40)
    assert near(corners(found.pixels), corners(np.asarray(image.convert("RGB"))), by=0)
    assert found.done == (CONVERTED,)


def test_of_several_frames_the_first_is_taken(tmp_path: Path) -> None:
    other = Image.new("RGB", (40, 40), (0, 255, 0))
    file = saved(halves(), tmp_path / "a.gif", save_all=True, append_images=[other])
    found = decode(file, 40)
    assert near(corners(found.pixels), [RED, RED, BLUE, BLUE])
    assert FRAMES in found.done


def test_a_wide_image_is_squeezed_and_not_cut(tmp_path: Path) -> None:
    image = Image.new("RGB", (90, 30), RED)
    image.paste(BLUE, (60, 0, 90, 30))
    found = decode(saved(image, tmp_path / "a.png"), 30)
    assert (found.pixels[15, :, 2] > 100).mean() == pytest.approx(1 / 3, abs=0.04)
    assert found.done == (SQUEEZED,)


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def broken_chunk() -> bytes:
    """A PNG of which a chunk after the header has no length that can be: Pillow raises SyntaxError."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + struct.pack(">I", 4) + b"\0\0\0\0" + b"abcd" + b"crc!"


def test_a_broken_chunk_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broken.png"
    file.write_bytes(broken_chunk())
    with pytest.raises(DataError, match=f"^{file} cannot be read as an image: .*\\.$"):
        decode(file, 8)


@pytest.mark.parametrize(
    "error", [SyntaxError, RuntimeError, struct.error, EOFError, IndexError, MemoryError, KeyError]
)
def test_whatever_a_decoder_raises_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*of: object) -> None:
        raise error("inside a decoder")

    file = saved(halves(), tmp_path / "a.png")
    monkeypatch.setattr(decoding, "_decoded", fail)
    with pytest.raises(DataError, match=f"^{file} cannot be read as an image: .*inside a decoder"):
        decode(file, 8)


def test_every_prefix_of_a_file_is_read_or_refused(tmp_path: Path) -> None:
    for ending in ("png", "jpg", "gif", "webp", "bmp", "tif"):
        content = io.BytesIO()
        halves(9, 9).save(content, Image.registered_extensions()[f".{ending}"])
        whole = content.getvalue()
        file = tmp_path / f"a.{ending}"
        for length in range(0, len(whole), max(1, len(whole) // 40)):
            file.write_bytes(whole[:length])
            with contextlib.suppress(DataError):
                assert decode(file, 8).pixels.shape == (8, 8, 3)


def test_a_large_photograph_is_read_without_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert near(corners(decode(saved(halves(), tmp_path / "a.png"), 40).pixels), [RED, RED, BLUE, BLUE])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 700)
    with pytest.raises(DataError, match=r"a\.png cannot be read as an image: Image size \(1600 pixels\) exceeds limit"):
        decode(tmp_path / "a.png", 40)


def test_a_folder_is_checked_as_a_whole(tmp_path: Path) -> None:
    folder = write(tmp_path / "pets", CATS_AND_DOGS)
    saved(halves(30, 20), folder / "train" / "cat" / "wide.jpg")
    (folder / "train" / "cat" / "a.png").write_bytes(broken_chunk())
    odd = os.path.join(os.fsencode(folder / "val" / "dog"), b"\xe9.jpg")
    Path(os.fsdecode(odd)).write_text("not an image")
    broken, done = checked(listing.read(folder), 16)
    assert [message.split(" cannot")[0] for message in broken] == [
        f"{folder}/train/cat/a.png", rf"{folder}/val/dog/\xe9.jpg",
    ]  # fmt: skip
    assert done == {SQUEEZED: 1}
