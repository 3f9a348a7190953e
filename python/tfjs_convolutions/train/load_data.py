"""`--data`: the built-in digits, a folder of IDX files, or a folder of images by class."""

import os

import numpy as np

from tfjs_convolutions.train.dataset import SplitDataset, resize
from tfjs_convolutions.train.errors import error
from tfjs_convolutions.train.idx import is_idx_folder, load_idx
from tfjs_convolutions.train.image_folder import load_image_folder
from tfjs_convolutions.train.mnist import load_mnist

BUILT_IN = "mnist"
_FOLDER_SIZE = 32


def load_data(options, input_shape, note):
    """Loads the images of `--data` for a model that takes [height, width, channels], of which sizes may be None."""
    size = options.size or input_shape[0]
    data = _load_all(options, size, input_shape[2], note)
    train = data.train if options.limit is None else data.train.select(np.arange(min(options.limit, len(data.train.labels))))
    if size is None:
        return SplitDataset(data.name, train, data.test)
    return SplitDataset(data.name, resize(train, size), resize(data.test, size))


def data_source(data):
    """The value of `--data`, valid from any working directory."""
    return data if data == BUILT_IN else os.path.abspath(data)


def _load_all(options, size, channels, note):
    folder = options.data
    if folder == BUILT_IN:
        return load_mnist()
    if not os.path.isdir(folder):
        raise error("load data", f"--data must be '{BUILT_IN}' or an existing folder", "--data", folder)
    if is_idx_folder(folder):
        return load_idx(folder)
    return load_image_folder(folder, size or _FOLDER_SIZE, channels if channels in (1, 3) else None, options.seed, note)
