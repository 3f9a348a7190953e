"""Arithmetic of sliding windows: padding and output sizes. Sizes are integers, or None or tensors if unknown."""

from keras import ops


def to_pair(name, value, minimum=1):
    """[height, width] from an integer or two."""
    pair = [value, value] if isinstance(value, int) else list(value)
    if len(pair) != 2 or not all(isinstance(each, int) and each >= minimum for each in pair):
        raise ValueError(f"{name} must be one or two integers of at least {minimum}, received {value!r}")
    return pair


def to_padding(value):
    """'same', 'valid' or [[top, bottom], [left, right]]."""
    if value in ("same", "valid"):
        return value
    if isinstance(value, int):
        value = [value, value]
    if isinstance(value, str) or len(value) != 2:
        raise ValueError(f"padding must be 'same', 'valid' or numbers of pixels, received {value!r}")
    return [to_pair("padding", sides, 0) for sides in value]


def extent(kernel, dilation):
    """Pixels that a dilated kernel covers."""
    return (kernel - 1) * dilation + 1


def resolve_axis(size, kernel, stride, dilation, padding, axis):
    """(output size, pixels before, pixels after) of one axis; unknown sizes, None, stay unknown."""
    reach = extent(kernel, dilation)
    if padding == "same":
        if size is None:
            return None, None, None
        out = -(-size // stride)
        total = (out - 1) * stride + reach - size
        total = max(total, 0) if isinstance(total, int) else ops.maximum(total, 0)
        return out, total // 2, total - total // 2
    before, after = (0, 0) if padding == "valid" else padding[axis]
    if size is None:
        return None, before, after
    out = (size + before + after - reach) // stride + 1
    if isinstance(out, int) and out <= 0:
        raise ValueError(f"the kernel must fit into the padded input, received {size} pixels for {reach}")
    return out, before, after


def resolve(shape, kernel_size, strides, dilations, padding):
    """Both axes of an image batch of a shape: ([height, width], [[top, bottom], [left, right]])."""
    axes = [
        resolve_axis(shape[axis + 1], kernel_size[axis], strides[axis], dilations[axis], padding, axis)
        for axis in (0, 1)
    ]
    return [axis[0] for axis in axes], [[axis[1], axis[2]] for axis in axes]


def resolve_transposed_axis(size, kernel, stride, dilation, padding, axis, output_padding):
    """(output size, pixels before) of one axis of a transposed convolution."""
    reach = extent(kernel, dilation)
    last = None if size is None else (size - 1) * stride
    extra = None if output_padding is None else output_padding[axis]
    if padding == "same":
        total = stride + reach - 2 if extra is None else reach + reach % 2 - 2 + extra
        left = min(-(-total // 2), reach - 1)
        return (None if last is None else last + total - reach + 2), reach - 1 - left
    if padding == "valid":
        more = max(reach, stride) - reach if extra is None else extra
        return (None if last is None else last + reach + more), 0
    before, after = padding[axis]
    return (None if last is None else last - before - after + reach + (extra or 0)), before
