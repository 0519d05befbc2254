"""From the bytes of an image file to a square of RGB pixels, whatever the file holds; what is done to it is told.

Turned as EXIF says. 16 bits are scaled to 8, so that 65535 is white. What is transparent lies on white. Grey, palette
and CMYK become RGB by Pillow's formulas, without a colour profile. Of several frames the first is taken. What is not
square is squeezed, as the paper's pipeline does. Raises DataError, naming the file, whatever a decoder raises.
"""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from sgd_core.images.listing import Listing
from sgd_core.images.places import DataError, shown

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
"""EXIF's orientation -> what makes the image upright (as PIL.ImageOps.exif_transpose has it)."""
SQUEEZED, TURNED, FRAMES, ALPHA, DEEP, CONVERTED = (
    "not square, and squeezed to a square", "turned as EXIF says", "of several frames, of which the first is taken",
    "partly transparent, and laid on white", "of 16 bits a pixel, and scaled to 8", "grey, palette or CMYK, made RGB",
)  # fmt: skip


@dataclass(frozen=True)
class Decoded:
    """(size, size, 3) uint8 RGB pixels, and what was done to get them."""

    pixels: np.ndarray
    done: tuple[str, ...]


def decode(path: Path, size: int) -> Decoded:
    """Read one image file; raises DataError with its name and the reason."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large photographs, odd EXIF: it is decoded, or it is not
            with Image.open(path) as image:
                return _decoded(image, size)
    except DataError as error:
        raise DataError(f"{shown(path)} {error}") from None
    except UnidentifiedImageError:
        raise DataError(f"{shown(path)} cannot be read as an image: it is none, or its beginning is broken.") from None
    except Exception as error:  # decoders raise SyntaxError, RuntimeError, struct.error, and others
        raise DataError(f"{shown(path)} cannot be read as an image: {_reason(error)}.") from None


def checked(found: Listing, size: int) -> tuple[list[str], Counter[str]]:
    """What is wrong with each image that cannot be decoded, and what is done to how many; keeps none of them."""
    messages, done = [], Counter[str]()
    for file in [file for files in found.files.values() for file in files]:
        try:
            done.update(decode(file.path, size).done)
        except DataError as error:
            messages.append(str(error))
    return messages, done


def _decoded(image: Image.Image, size: int) -> Decoded:
    done = []
    if getattr(image, "n_frames", 1) > 1:
        done.append(FRAMES)
    turn = _turn(image)
    rgb = _rgb(image, done)
    if turn is not None:
        rgb = rgb.transpose(turn)
        done.append(TURNED)
    if rgb.width != rgb.height:
        done.append(SQUEEZED)
    if rgb.size != (size, size):
        rgb = rgb.resize((size, size), Image.Resampling.BILINEAR)
    return Decoded(np.asarray(rgb), tuple(done))


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(int(image.getexif().get(_ORIENTATION, 1)))
    except Exception:  # EXIF that cannot be read says nothing, and the image can be good
        return None


def _rgb(image: Image.Image, done: list[str]) -> Image.Image:
    image.load()
    mode = image.mode
    if mode == "RGB" and "transparency" not in image.info:
        return image
    if mode.startswith("I;16") or (mode == "I" and image.format in ("PNG", "PPM")):
        done.append(DEEP)
        values = np.asarray(image).astype(np.float64)
        return Image.fromarray(np.rint(values / 257).clip(0, 255).astype(np.uint8)).convert("RGB")
    if mode in ("I", "F"):
        raise DataError(
            "has 32 bits a pixel, and nothing says which of its numbers is white. Save it with 8 or 16 bits, or remove "
            "it."
        )
    if mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        done.append(ALPHA)
        over = image.convert("RGBA")
        ground = Image.new("RGBA", over.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, over).convert("RGB")
    done.append(CONVERTED)
    return image.convert("RGB")


def _reason(error: BaseException) -> str:
    return (str(error).split("\n")[0][:200] or type(error).__name__).rstrip(".")
