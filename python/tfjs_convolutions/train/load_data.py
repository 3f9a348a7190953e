"""`--data`: the built-in digits, a folder of IDX files, or a folder of images by class."""

import os
from dataclasses import replace

import numpy as np

from tfjs_convolutions.train.dataset import SplitDataset, fit_images
from tfjs_convolutions.train.errors import error
from tfjs_convolutions.train.idx import is_idx_folder, load_idx
from tfjs_convolutions.train.image_folder import load_image_folder
from tfjs_convolutions.train.mnist import load_mnist
from tfjs_convolutions.train.preprocessing import choose_preprocessing

BUILT_IN = "mnist"
_FOLDER_SIZE = 32
# Sources that the TypeScript command reads, too.
_FILES = (".tar", ".zip", ".csv", ".json")


def load_data(options, input_shape, recorded, note):
    """Loads the images of `--data`, prepared for a model that takes [height, width, channels], of which sizes may be None,
    and records a preprocessing or None."""
    sides = _sides(options, input_shape, recorded)
    data = _load_own_size(options.data)
    if data is None:
        height, width = (side or _FOLDER_SIZE for side in sides)
        channels = input_shape[2] if input_shape[2] in (1, 3) else None
        choose = lambda found: choose_preprocessing(options, recorded, (height, width, found))  # noqa: E731
        data = load_image_folder(options.data, channels, choose, options.seed, note)
        return replace(data, train=_first(data.train, options.limit))
    height, width, channels = data.train.images.shape[1:]
    shape = (sides[0] or height, sides[1] or width, channels)
    preprocessing = choose_preprocessing(options, recorded, shape)
    train = fit_images(_first(data.train, options.limit), preprocessing)
    return SplitDataset(data.name, train, fit_images(data.test, preprocessing), preprocessing)


def data_source(data):
    """The value of `--data`, valid from any working directory."""
    return data if data == BUILT_IN else os.path.abspath(data)


def _sides(options, input_shape, recorded):
    """Height and width: those of `--size`, of the model, of its training, or None."""
    if options.size is not None:
        return options.size, options.size
    of_training = (None, None) if recorded is None else (recorded.height, recorded.width)
    return tuple(own or trained for own, trained in zip(input_shape, of_training))


def _load_own_size(data):
    """Images that have a size of their own; None for a folder of image files."""
    if data == BUILT_IN:
        return load_mnist()
    if os.path.isfile(data) and data.lower().endswith(_FILES):
        rule = "only the TypeScript command reads archives and lists; here --data must be a folder with a folder for each class"
        raise error("load data", rule, "--data", data)
    if not os.path.isdir(data):
        raise error("load data", f"--data must be '{BUILT_IN}' or an existing folder", "--data", data)
    return load_idx(data) if is_idx_folder(data) else None


def _first(train, limit):
    return train if limit is None else train.select(np.arange(min(limit, len(train.labels))))
