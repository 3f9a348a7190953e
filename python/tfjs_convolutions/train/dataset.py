"""Labelled images in memory, channels last, and the fingerprint by which TypeScript knows them."""

import hashlib
import json
from dataclasses import dataclass, replace

import numpy as np

from tfjs_convolutions.train.errors import error
from tfjs_convolutions.train.random_streams import permutation

_TEST_FRACTION = 0.2


@dataclass(frozen=True)
class Dataset:
    """Labelled images of one size."""

    # Bytes [count, height, width, channels].
    images: np.ndarray
    # Class of each image: int32 [count].
    labels: np.ndarray
    class_names: tuple

    def select(self, indices):
        """The images at the given indices, in that order."""
        return replace(self, images=self.images[indices], labels=self.labels[indices])


@dataclass(frozen=True)
class SplitDataset:
    """Training images, and test images that training never sees."""

    name: str
    train: Dataset
    test: Dataset


def fingerprint(*parts):
    """Fingerprint of data sets, such as the training and the test images."""
    digest = hashlib.sha256()
    for part in parts:
        header = [*part.images.shape[1:], part.class_names, part.images.size]
        digest.update(json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode())
        digest.update(np.ascontiguousarray(part.images))
        digest.update(part.labels.astype("<i4"))
    return digest.hexdigest()[:32]


def split_by_class(data, seed):
    """Training and test images: a fifth of every class, at least one image, is for testing."""
    wanted = []
    for label, name in enumerate(data.class_names):
        count = int(np.sum(data.labels == label))
        if count < 2:
            raise error("split the images", f"class '{name}' must have at least two", "images", count)
        wanted.append(max(1, int(np.floor(count * _TEST_FRACTION + 0.5))))
    train, test = [], []
    for index in permutation(len(data.labels), seed, "split").tolist():
        label = data.labels[index]
        if wanted[label] > 0:
            wanted[label] -= 1
            test.append(index)
        else:
            train.append(index)
    return data.select(train), data.select(test)


def resize(data, size):
    """The images resized to size × size, with bilinear interpolation and half-pixel centres."""
    height, width = data.images.shape[1:3]
    if height == size and width == size:
        return data
    above, below, down = _axis(height, size)
    left, right, across = _axis(width, size)
    images = np.empty((len(data.images), size, size, data.images.shape[3]), np.uint8)
    for index, image in enumerate(data.images):
        image = image.astype(np.float32)
        rows = image[:, left] + (image[:, right] - image[:, left]) * across[None, :, None]
        resized = rows[above] + (rows[below] - rows[above]) * down[:, None, None]
        images[index] = np.floor(resized + np.float32(0.5))
    return replace(data, images=images)


def _axis(old, new):
    source = np.float32(old / new) * (np.arange(new, dtype=np.float32) + np.float32(0.5)) - np.float32(0.5)
    first = np.maximum(np.floor(source), 0)
    return first.astype(np.int64), np.minimum(np.ceil(source), old - 1).astype(np.int64), source - first
