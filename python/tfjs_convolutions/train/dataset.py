"""Labelled images in memory, channels last, and the fingerprint by which TypeScript knows them."""

import hashlib
import json
import math
from dataclasses import dataclass, replace

import numpy as np

from tfjs_convolutions.train.errors import error
from tfjs_convolutions.train.preprocessing import Preprocessing
from tfjs_convolutions.train.random_streams import permutation

_TEST_FRACTION = 0.2
# Red, green and blue in the brightness of a pixel, after ITU-R BT.709.
LUMA = (0.2126, 0.7152, 0.0722)


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
    # That of the images, once they have it.
    preprocessing: Preprocessing | None = None


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


def fit_images(data, preprocessing):
    """The images fitted to the size, with bilinear interpolation and half-pixel centres."""
    old, new = data.images.shape[1:3], (preprocessing.height, preprocessing.width)
    if old == new:
        return data
    channels = data.images.shape[3]
    images = np.empty((len(data.images), *new, channels), np.uint8)
    ratios = [side / before for side, before in zip(new, old)]
    if preprocessing.fit == "contain":
        inner = [max(1, _rounded(side * min(ratios))) for side in old]
        ground = preprocessing.background if channels == 3 else np.dot(LUMA, preprocessing.background)
        images[:] = np.floor(np.float32(ground) + np.float32(0.5))
        shown, (top, left) = data.images, ((side - part) // 2 for side, part in zip(new, inner))
        target = images[:, top : top + inner[0], left : left + inner[1]]
    else:
        # The part of the image that the input shows, in whole pixels.
        scales = ratios if preprocessing.fit == "stretch" else [max(ratios)] * 2
        part = [max(1, _rounded(side / scale)) for side, scale in zip(new, scales)]
        top, left = ((side - each) // 2 for side, each in zip(old, part))
        shown, target = data.images[:, top : top + part[0], left : left + part[1]], images
    _resize(shown, target)
    return replace(data, images=images)


def _resize(images, target):
    above, below, down = _axis(images.shape[1], target.shape[1])
    left, right, across = _axis(images.shape[2], target.shape[2])
    for image, resized in zip(images, target):
        image = image.astype(np.float32)
        rows = image[:, left] + (image[:, right] - image[:, left]) * across[None, :, None]
        values = rows[above] + (rows[below] - rows[above]) * down[:, None, None]
        resized[:] = np.floor(values + np.float32(0.5))


def _rounded(value):
    return math.floor(value + 0.5)


def _axis(old, new):
    source = np.float32(old / new) * (np.arange(new, dtype=np.float32) + np.float32(0.5)) - np.float32(0.5)
    first = np.maximum(np.floor(source), 0)
    return first.astype(np.int64), np.minimum(np.ceil(source), old - 1).astype(np.int64), source - first
