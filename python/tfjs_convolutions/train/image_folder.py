"""Folders of images sorted by class, decoded by Pillow."""

import io
import os

import numpy as np

from tfjs_convolutions.train.dataset import Dataset, SplitDataset, split_by_class
from tfjs_convolutions.train.errors import error, file_error
from tfjs_convolutions.train.image_listing import ACTION, list_images
from tfjs_convolutions.train.random_streams import permutation

# Most pixels of an image: a file of a few bytes can claim any number of pixels, which the decoder would allocate.
_MAX_PIXELS = 2**26
_MAX_SIDE = 2**15
_MAX_BYTES = 4 * _MAX_PIXELS
_GREYSCALE = ("1", "L", "LA", "I", "I;16")


def load_image_folder(folder, size, channels, seed, note):
    """Loads images, stretched to size × size and in random order, under the rules of `list_images`.

    `channels` is 1 for greyscale, 3 for colour, or None for 1 if every image is greyscale. `note` is called with one line
    about files that were skipped.
    """
    listing = list_images(folder)
    if listing.left_out is not None:
        note(listing.left_out)
    parts = [listing.train] if listing.test is None else [listing.train, listing.test]
    if channels is None:
        modes = (_open(file).mode for part in parts for file, _ in part.files)
        channels = 1 if all(mode in _GREYSCALE for mode in modes) else 3
    train, *test = (_read(part, size, channels) for part in parts)
    name = os.path.basename(os.path.abspath(folder))
    if not test:
        return SplitDataset(name, *split_by_class(train, seed))
    return SplitDataset(name, train.select(permutation(len(train.labels), seed, "split")), test[0])


def _read(part, size, channels):
    images = np.empty((len(part.files), size, size, channels), np.uint8)
    for target, (file, _) in zip(images, part.files):
        target[:] = _decode(file, size, channels)
    return Dataset(images, np.array([label for _, label in part.files], np.int32), part.class_names)


def _decode(file, size, channels):
    from PIL import Image, ImageOps

    image = _open(file)
    try:
        image = ImageOps.exif_transpose(image)
        if image.mode in ("I", "I;16"):
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, (0, 0, 0, 255)), image)
        image = image.convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
        pixels = np.asarray(image.convert("L") if channels == 1 else image)
        return pixels.reshape(size, size, channels)
    except Exception:  # Pillow raises errors of many types for data that it cannot decode.
        raise _unreadable(file) from None


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
        image = Image.open(contents, formats=("JPEG", "PNG", "WEBP"))
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
    return error(ACTION, "every image must be a complete, readable jpg, png or webp", "file", file)
