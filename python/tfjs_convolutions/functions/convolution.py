"""Convolutions with any padding, strides, dilations and groups on every backend."""

from keras import ops

from tfjs_convolutions.functions.padding import pad_image
from tfjs_convolutions.functions.window import extent, resolve, resolve_transposed_axis


def _slide(convolve, x, kernel, strides, dilations):
    # TensorFlow has no strides with dilations, nor unequal strides of a depthwise convolution: every stride-th output.
    if strides[0] == strides[1] and (max(strides) == 1 or max(dilations) == 1):
        return convolve(x, kernel, strides[0], "valid", "channels_last", dilations)
    y = convolve(x, kernel, 1, "valid", "channels_last", dilations)
    return y[:, :: strides[0], :: strides[1], :]


def _padded(x, kernel, strides, dilations, padding, padding_mode):
    _, pads = resolve(ops.shape(x), kernel.shape[:2], strides, dilations, padding)
    return pad_image(x, pads, padding_mode)


def conv2d(x, kernel, bias=None, strides=(1, 1), padding="valid", dilations=(1, 1), padding_mode="zeros"):
    """Convolves [n, h, w, c] with [kh, kw, c / groups, filters]."""
    x = _padded(x, kernel, strides, dilations, padding, padding_mode)
    y = _slide(ops.conv, x, kernel, strides, tuple(dilations))
    return y if bias is None else y + bias


def depthwise_conv2d(x, kernel, bias=None, strides=(1, 1), padding="valid", dilations=(1, 1), padding_mode="zeros"):
    """Convolves [n, h, w, c] with [kh, kw, c, multiplier]; output channel c · multiplier + m."""
    x = _padded(x, kernel, strides, dilations, padding, padding_mode)
    y = _slide(ops.depthwise_conv, x, kernel, strides, tuple(dilations))
    return y if bias is None else y + bias


def conv2d_transpose(x, kernel, bias, strides, padding, dilations, output_padding, groups):
    """Transposed convolution of [n, h, w, c] with [kh, kw, filters / groups, c].

    Convolves the image with zeros between its pixels by the flipped kernel.
    """
    kernel_height, kernel_width, group_filters, channels = kernel.shape
    shape = ops.shape(x)
    height, width = shape[1], shape[2]
    x = ops.reshape(x, [-1, height, 1, width, 1, channels])
    x = ops.pad(x, [[0, 0], [0, 0], [0, strides[0] - 1], [0, 0], [0, strides[1] - 1], [0, 0]])
    x = ops.reshape(x, [-1, height * strides[0], width * strides[1], channels])
    pads = []
    for axis, (size, taps) in enumerate([(height, kernel_height), (width, kernel_width)]):
        reach = extent(taps, dilations[axis])
        out, before = resolve_transposed_axis(size, taps, strides[axis], dilations[axis], padding, axis, output_padding)
        left = reach - 1 - before
        pads.append([left, out + reach - 1 - left - size * strides[axis]])
    crops = [[max(-side, 0) if isinstance(side, int) else 0 for side in sides] for sides in pads]
    x = x[:, crops[0][0] :, crops[1][0] :, :]
    x = x[:, : x.shape[1] - crops[0][1] if crops[0][1] else None, : x.shape[2] - crops[1][1] if crops[1][1] else None, :]
    x = pad_image(x, [[max(side, 0) if isinstance(side, int) else side for side in sides] for sides in pads])
    kernel = ops.flip(kernel, axis=(0, 1))
    kernel = ops.reshape(kernel, [kernel_height, kernel_width, group_filters, groups, channels // groups])
    kernel = ops.transpose(kernel, [0, 1, 4, 3, 2])
    kernel = ops.reshape(kernel, [kernel_height, kernel_width, channels // groups, groups * group_filters])
    return conv2d(x, kernel, bias, dilations=dilations)
