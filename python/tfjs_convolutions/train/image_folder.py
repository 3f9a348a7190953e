"""Folders of images sorted by class, decoded by Pillow."""

import io
import math
import os

import numpy as np

from tfjs_convolutions.train.dataset import LUMA, Dataset, SplitDataset, split_by_class
from tfjs_convolutions.train.errors import error, file_error
from tfjs_convolutions.train.image_listing import ACTION, FORMATS, list_images
from tfjs_convolutions.train.random_streams import permutation

# Most pixels of an image: a file of a few bytes can claim any number of pixels, which the decoder would allocate.
_MAX_PIXELS = 2**26
_MAX_SIDE = 2**15
_MAX_BYTES = 4 * _MAX_PIXELS
_GREYSCALE = ("1", "L", "LA", "I", "I;16")
_VALUES = np.arange(256) / 255
# Light of each value of sRGB.
_LIGHT = np.where(_VALUES <= 0.04045, _VALUES / 12.92, ((_VALUES + 0.055) / 1.055) ** 2.4)


def load_image_folder(folder, channels, choose, seed, note):
    """Loads images, in random order, under the rules of `list_images`.

    `channels` is 1 for greyscale, 3 for colour, or None for 1 if every image is greyscale; `choose` gives the preprocessing
    for a number of channels. `note` is called with one line about files that were skipped.
    """
    listing = list_images(folder)
    if listing.left_out is not None:
        note(listing.left_out)
    parts = [listing.train] if listing.test is None else [listing.train, listing.test]
    if channels is None:
        modes = (_open(file).mode for part in parts for file, _ in part.files)
        channels = 1 if all(mode in _GREYSCALE for mode in modes) else 3
    preprocessing = choose(channels)
    train, *test = (_read(part, preprocessing) for part in parts)
    name = os.path.basename(os.path.abspath(folder))
    if not test:
        return SplitDataset(name, *split_by_class(train, seed), preprocessing)
    return SplitDataset(name, train.select(permutation(len(train.labels), seed, "split")), test[0], preprocessing)


def _read(part, preprocessing):
    shape = (preprocessing.height, preprocessing.width, preprocessing.channels)
    images = np.empty((len(part.files), *shape), np.uint8)
    for target, (file, _) in zip(images, part.files):
        target[:] = _decode(file, preprocessing)
    return Dataset(images, np.array([label for _, label in part.files], np.int32), part.class_names)


def _decode(file, preprocessing):
    from PIL import Image, ImageOps

    background = tuple(preprocessing.background)
    image = _open(file)
    try:
        image = ImageOps.exif_transpose(image)
        if image.mode in ("I", "I;16"):
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, (*background, 255)), image)
        fitted = _fit(image.convert("RGB"), preprocessing, background)
        pixels = np.asarray(fitted)
        return _to_grey(pixels) if preprocessing.channels == 1 else pixels
    except Exception:  # Pillow raises errors of many types for data that it cannot decode.
        raise _unreadable(file) from None


def _fit(image, preprocessing, background):
    from PIL import Image

    size, filter = (preprocessing.width, preprocessing.height), Image.Resampling.LANCZOS
    if preprocessing.fit == "stretch":
        return image.resize(size, filter)
    ratios = [new / old for new, old in zip(size, image.size)]
    if preprocessing.fit == "contain":
        inner = [max(1, math.floor(old * min(ratios) + 0.5)) for old in image.size]
        whole = Image.new("RGB", size, background)
        whole.paste(image.resize(inner, filter), tuple((new - side) // 2 for new, side in zip(size, inner)))
        return whole
    left, top = (max(0, (old - new / max(ratios)) / 2) for new, old in zip(size, image.size))
    return image.resize(size, filter, box=(left, top, image.width - left, image.height - top))


def _to_grey(pixels):
    """Brightness of sRGB pixels, by the sum of their light, as the decoder of TypeScript computes it."""
    light = _LIGHT[pixels] @ np.array(LUMA)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)
    return np.floor(255 * encoded + 0.5).clip(0, 255).astype(np.uint8)[..., None]


def _open(file):
    try:
        from PIL import Image
    except ImportError:
        raise error(ACTION, "the package Pillow must be installed (pip install pillow)", "folder of", file) from None
    try:
        if os.path.getsize(file) > _MAX_BYTES:
            raise error(ACTION, f"every image must have at most {_MAX_BYTES} bytes", "file", file)
        with open(file, "rb") as opened:
            contents = io.BytesIO(opened.read())
    except OSError as reason:
        raise file_error(ACTION, file, reason) from None
    try:
        image = Image.open(contents, formats=("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF"))
    except Image.DecompressionBombError:
        raise _too_large(file) from None
    except Exception:
        raise _unreadable(file) from None
    width, height = image.size
    if max(width, height) > _MAX_SIDE:
        raise error(ACTION, f"every image must be at most {_MAX_SIDE} pixels wide and high", "file", file)
    if width * height > _MAX_PIXELS:
        raise _too_large(file)
    return image


def _too_large(file):
    return error(ACTION, f"every image must have at most {_MAX_PIXELS} pixels", "file", file)


def _unreadable(file):
    return error(ACTION, f"every image must be a complete, readable {FORMATS}", "file", file)
