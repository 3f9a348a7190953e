"""IDX files, the format of MNIST and Fashion-MNIST, gzipped or not."""

import gzip
import os
import re
import struct
import zlib

import numpy as np

from tfjs_convolutions.train.dataset import Dataset, SplitDataset
from tfjs_convolutions.train.errors import error, file_error

_ACTION = "read the IDX file"
_UNSIGNED_BYTES = 8
_PARTS = {
    "train_images": ("train-images", 3),
    "train_labels": ("train-labels", 1),
    "test_images": ("t10k-images", 3),
    "test_labels": ("t10k-labels", 1),
}


def _pattern(part):
    name, dimensions = _PARTS[part]
    return re.compile(rf"{name}[-.]idx{dimensions}-ubyte(\.gz)?")


def is_idx_folder(folder):
    """Tests whether a folder contains any of the files that `load_idx` reads."""
    return any(_pattern(part).fullmatch(name) for part in _PARTS for name in os.listdir(folder))


def load_idx(folder):
    """Loads the four IDX files of a folder, named as those of MNIST; class names are the labels."""
    train_images, train_file = _load_images(folder, "train")
    test_images, test_file = _load_images(folder, "test")
    if train_images.shape[1:] != test_images.shape[1:]:
        size = " × ".join(map(str, train_images.shape[1:]))
        raise error("load IDX files", f"test images must be the same size as training images ({size})", "file", test_file)
    train_labels = _load_labels(folder, "train", len(train_images))
    test_labels = _load_labels(folder, "test", len(test_images))
    classes = int(train_labels.max()) + 1
    if test_labels.max() >= classes:
        rule = f"test labels must be among the training labels (0 to {classes - 1})"
        raise error("load IDX files", rule, "file", _find(folder, "test_labels"))
    names = tuple(str(label) for label in range(classes))
    return SplitDataset(
        os.path.basename(os.path.abspath(folder)),
        Dataset(train_images[..., None], train_labels.astype(np.int32), names),
        Dataset(test_images[..., None], test_labels.astype(np.int32), names),
    )


def _load_images(folder, part):
    file = _find(folder, f"{part}_images")
    images = read_idx(file, 3)
    if images.size == 0:
        raise error("load IDX files", "the file must contain at least one image", "file", file)
    return images, file


def _load_labels(folder, part, count):
    file = _find(folder, f"{part}_labels")
    labels = read_idx(file, 1)
    if len(labels) != count:
        rule = f"there must be one label per image ({count} images, {len(labels)} labels)"
        raise error("load IDX files", rule, "file", file)
    return labels


def _find(folder, part):
    for name in sorted(os.listdir(folder)):
        if _pattern(part).fullmatch(name):
            return os.path.join(folder, name)
    name, dimensions = _PARTS[part]
    wanted = f"{name}-idx{dimensions}-ubyte"
    raise error("load IDX files", f"the folder must contain {wanted} or {wanted}.gz", "folder", folder)


def read_idx(file, dimensions):
    """Reads one file of unsigned bytes; nothing beyond the length stated in the header is decompressed."""
    try:
        with open(file, "rb") as plain:
            is_gzip = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            size = os.fstat(plain.fileno()).st_size
            return _read(gzip.GzipFile(fileobj=plain) if is_gzip else plain, file, dimensions, None if is_gzip else size)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise error(_ACTION, "the file must be complete gzip data", "file", file) from None
    except OSError as reason:
        raise file_error(_ACTION, file, reason) from None


def _read(stream, file, dimensions, size):
    header = stream.read(4 + 4 * dimensions)
    magic = struct.unpack(">I", header[:4])[0] if len(header) >= 4 else None
    expected = _UNSIGNED_BYTES * 256 + dimensions
    if magic != expected:
        received = "is too short for one" if magic is None else f"has {magic}"
        raise error(_ACTION, f"the magic number must be {expected}, the file {received}", "file", file)
    if len(header) < 4 + 4 * dimensions:
        rule = f"the header must have {4 + 4 * dimensions} bytes, the file has {len(header)}"
        raise error(_ACTION, rule, "file", file)
    shape = struct.unpack(f">{dimensions}I", header[4:])
    length = 1
    for side in shape:
        length *= side
    # What the header claims is read only if the file has it.
    values = stream.read(length) if size == len(header) + length else _read_up_to(stream, length + 1)
    if len(values) != length:
        shown = ", ".join(map(str, shape))
        received = f"{len(header) + len(values)}{' or more' if len(values) > length else ''}"
        rule = f"values of shape [{shown}] must take {len(header) + length} bytes, the file has {received}"
        raise error(_ACTION, rule, "file", file)
    return np.frombuffer(values, np.uint8).reshape(shape)


def _read_up_to(stream, length, part=1 << 20):
    parts = []
    while length > 0 and (read := stream.read(min(part, length))):
        parts.append(read)
        length -= len(read)
    return b"".join(parts)
