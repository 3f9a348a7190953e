"""Pixels of a batch as a network takes them, with the random zoom and shift of the TypeScript trainer."""

import numpy as np

from tfjs_convolutions.train.random_streams import uniforms

# Largest change of scale, and largest shift as a fraction of the image's size.
_ZOOM = 0.1
_SHIFT = 0.1


def batch_pixels(images, indices, preprocessing, seed=None, epoch=0):
    """Values [len(indices), height, width, channels] that a model takes; without a seed they are not augmented."""
    if seed is None:
        pixels = images[indices].astype(np.float32)
    else:
        pixels = np.empty((len(indices), *images.shape[1:]), np.float32)
        drawn = uniforms(seed, "augmentation", epoch, indices, 3) if len(indices) > 0 else []
        for target, index, numbers in zip(pixels, indices, drawn):
            target[:] = _augment(images[index], *numbers)
    scale, offset = np.float64(preprocessing.scale), np.float64(preprocessing.offset)
    return (pixels.astype(np.float64) * scale + offset).astype(np.float32)


def _augment(image, for_zoom, for_rows, for_columns):
    height, width, _ = image.shape
    zoom = _between(1 - _ZOOM, 1 + _ZOOM, for_zoom)
    above, below, down = _sample_axis(height, zoom, _between(-_SHIFT, _SHIFT, for_rows) * height)
    left, right, across = _sample_axis(width, zoom, _between(-_SHIFT, _SHIFT, for_columns) * width)
    image = image.astype(np.float64)
    across, down = across[None, :, None], down[:, None, None]
    rows = image[:, left] + (image[:, right] - image[:, left]) * across
    return rows[above] + (rows[below] - rows[above]) * down


def _between(low, high, uniform):
    return low + (high - low) * uniform


def _sample_axis(size, zoom, shift):
    """For every pixel along one axis: its two source pixels and the weight of the second."""
    centre = (size - 1) / 2
    source = np.clip((np.arange(size) - centre - shift) / zoom + centre, 0, size - 1)
    first = np.floor(source).astype(np.int64)
    return first, np.minimum(first + 1, size - 1), source - first
