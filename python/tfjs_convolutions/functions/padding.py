"""Padding of image batches."""

from keras import ops

MODES = ("zeros", "reflect", "replicate", "circular")


def _source(at, size, mode):
    if 0 <= at < size:
        return at
    if mode == "replicate":
        return 0 if at < 0 else size - 1
    if mode == "circular":
        return at % size
    return -at if at < 0 else 2 * (size - 1) - at


def pad_image(x, pads, mode="zeros"):
    """Pads [n, h, w, c] by [[top, bottom], [left, right]] pixels."""
    if mode not in MODES:
        raise ValueError(f"padding_mode must be one of {', '.join(MODES)}, received {mode!r}")
    if all(isinstance(side, int) and side == 0 for sides in pads for side in sides):
        return x
    if mode == "zeros":
        return ops.pad(x, [[0, 0], pads[0], pads[1], [0, 0]])
    for axis, (before, after) in enumerate(pads, start=1):
        size = x.shape[axis]
        if size is None:
            raise ValueError(f"padding_mode {mode!r} needs images of a known size")
        sources = [_source(at, size, mode) for at in range(-before, size + after)]
        x = ops.take(x, sources, axis=axis)
    return x
