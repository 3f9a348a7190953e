"""Resizing with half-pixel centres and without antialiasing."""

from keras import ops


def resize(x, height, width, interpolation):
    """Resizes [n, h, w, c] to [n, height, width, c], 'nearest' or 'bilinear'."""
    for axis, size in ((1, height), (2, width)):
        length = ops.shape(x)[axis]
        centers = (ops.arange(size, dtype=x.dtype) + 0.5) * (length / size)
        if interpolation == "nearest":
            pixel = ops.cast(ops.floor(centers + 1e-5), "int32")
            x = ops.take(x, ops.minimum(pixel, length - 1), axis=axis)
            continue
        position = ops.clip(centers - 0.5, 0.0, length - 1.0)
        pixels = ops.arange(length, dtype=x.dtype)
        weights = ops.maximum(1.0 - ops.abs(position[:, None] - pixels[None, :]), 0.0)
        x = ops.einsum("yh,nhwc->nywc" if axis == 1 else "xw,nhwc->nhxc", weights, x)
    return x
