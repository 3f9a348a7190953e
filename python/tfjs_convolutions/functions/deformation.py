"""Deformable convolution: bilinear samples at moved taps, and torchvision's kernel on the torch backend.

A sample at (y, x) is 0 with no gradient unless -1 < y < height and -1 < x < width; pixels outside of the image are 0. The
offsets are in the order of torchvision: (offset group, tap row-major, (y, x)).
"""

import keras
import numpy as np
from keras import ops

from tfjs_convolutions.functions.padding import pad_image
from tfjs_convolutions.functions.window import resolve

# Offset of a sample outside, in pixels: far from every image.
_FAR = -1e6


def _torchvision():
    if keras.backend.backend() != "torch":
        return None
    try:
        from torchvision.ops import deform_conv2d

        return deform_conv2d
    except ImportError:
        return None


def base_grid(sizes, pads, kernel_size, strides, dilations):
    """Sampling locations of the taps without offsets: [out, taps] along y and along x."""
    height, width = sizes
    taps = [(a, b) for a in range(kernel_size[0]) for b in range(kernel_size[1])]
    rows = np.array([[i * strides[0] - pads[0][0] + a * dilations[0] for a, _ in taps] for i in range(height)])
    columns = np.array([[j * strides[1] - pads[1][0] + b * dilations[1] for _, b in taps] for j in range(width)])
    return ops.convert_to_tensor(rows, "float32"), ops.convert_to_tensor(columns, "float32")


def _locate(offset, rows, columns, offset_groups):
    """Offsets [n, oh, ow, groups, taps, 2], and the locations along y and x, [n, oh, ow, groups, taps]."""
    height, width = rows.shape[0], columns.shape[0]
    offset = ops.reshape(offset, [-1, height, width, offset_groups, rows.shape[1], 2])
    y = offset[..., 0] + rows[None, :, None, None, :]
    x = offset[..., 1] + columns[None, None, :, None, :]
    return offset, y, x


def _is_inside(y, x, height, width):
    return ops.logical_and(
        ops.logical_and(y > -1.0, y < height),
        ops.logical_and(x > -1.0, x < width),
    )


def sample(image, y, x):
    """Bilinear samples of [n, h, w, c] at [n, oh, ow, groups, taps]: [n, oh, ow, groups, taps, c / groups]."""
    _, height, width, channels = image.shape
    groups = y.shape[3]
    rows = ops.reshape(image, [-1, channels // groups])
    inside = _is_inside(y, x, height, width)
    # Elsewhere there may be no number at all; a gradient must not meet it either.
    y, x = ops.where(inside, y, 0.0), ops.where(inside, x, 0.0)
    top, left = ops.floor(y), ops.floor(x)
    down, right = y - ops.stop_gradient(top), x - ops.stop_gradient(left)
    top, left = ops.cast(ops.stop_gradient(top), "int32"), ops.cast(ops.stop_gradient(left), "int32")
    batch = ops.reshape(ops.arange(ops.shape(y)[0], dtype="int32"), [-1, 1, 1, 1, 1])
    group = ops.reshape(ops.arange(groups, dtype="int32"), [1, 1, 1, -1, 1])
    value = 0.0
    for row, vertical in ((top, 1.0 - down), (top + 1, down)):
        for column, horizontal in ((left, 1.0 - right), (left + 1, right)):
            exists = ops.logical_and(
                ops.logical_and(row >= 0, row < height), ops.logical_and(column >= 0, column < width)
            )
            weight = ops.where(ops.logical_and(exists, inside), vertical * horizontal, 0.0)
            pixel = (batch * height + ops.clip(row, 0, height - 1)) * width + ops.clip(column, 0, width - 1)
            value = value + ops.take(rows, pixel * groups + group, axis=0) * weight[..., None]
    return value, inside


def deform_conv2d(
    x, offset, kernel, mask=None, bias=None, strides=(1, 1), padding="valid", dilations=(1, 1), groups=1, offset_groups=1
):
    """Deformable convolution of [n, h, w, c] with [kh, kw, c / groups, filters].

    `offset` is [n, oh, ow, offset_groups · taps · 2], `mask` [n, oh, ow, offset_groups · taps].
    """
    _, height, width, channels = x.shape
    kernel_height, kernel_width, group_channels, filters = kernel.shape
    sizes, pads = resolve(x.shape, (kernel_height, kernel_width), strides, dilations, padding)
    rows, columns = base_grid(sizes, pads, (kernel_height, kernel_width), strides, dilations)
    taps = kernel_height * kernel_width
    offset, y, at = _locate(offset, rows, columns, offset_groups)
    if mask is not None:
        mask = ops.reshape(mask, [-1, *sizes, offset_groups, taps])
    of_torchvision = _torchvision()
    if of_torchvision is not None:
        inside = _is_inside(y, at, height, width)
        # torchvision has a gradient at exactly -1: such a sample moves far away.
        offset = ops.where(inside[..., None], offset, _FAR)
        mask = None if mask is None else ops.where(inside, mask, 0.0)
        flat = [-1, *sizes, offset_groups * taps]
        first = lambda tensor: ops.transpose(tensor, [0, 3, 1, 2]).contiguous()  # noqa: E731
        result = of_torchvision(
            first(pad_image(x, pads)),
            first(ops.reshape(offset, [-1, *sizes, offset_groups * taps * 2])),
            ops.transpose(ops.convert_to_tensor(kernel), [3, 2, 0, 1]).contiguous(),
            None if bias is None else ops.convert_to_tensor(bias),
            stride=tuple(strides),
            dilation=tuple(dilations),
            mask=None if mask is None else first(ops.reshape(mask, flat)),
        )
        return ops.transpose(result, [0, 2, 3, 1])
    samples, inside = sample(x, y, at)
    if mask is not None:
        samples = samples * ops.where(inside, mask, 0.0)[..., None]
    # [n, oh, ow, offset group, tap, channel] to [n · oh · ow, group, tap · channel].
    samples = ops.transpose(samples, [0, 1, 2, 4, 3, 5])
    samples = ops.reshape(samples, [-1, taps, groups, group_channels])
    samples = ops.reshape(ops.transpose(samples, [2, 0, 1, 3]), [groups, -1, taps * group_channels])
    weights = ops.reshape(kernel, [taps * group_channels, groups, filters // groups])
    result = ops.matmul(samples, ops.transpose(weights, [1, 0, 2]))
    result = ops.reshape(ops.transpose(result, [1, 0, 2]), [-1, *sizes, filters])
    return result if bias is None else result + bias


def deform_conv2d_v3(x, offset, mask, kernel_size, strides, dilations, groups, offset_scale, remove_center, softmax):
    """Samples of [n, h, w, c] at moved taps, weighted by the mask and summed: [n, oh, ow, c].

    The window is centred on every pixel; `offset` is [n, oh, ow, groups · taps · 2], and `mask` [n, oh, ow, groups · taps].
    """
    _, _, _, channels = x.shape
    padding = [[dilations[axis] * (kernel_size[axis] - 1) // 2] * 2 for axis in (0, 1)]
    sizes, _ = resolve(x.shape, kernel_size, strides, dilations, padding)
    every = [(a, b) for a in range(kernel_size[0]) for b in range(kernel_size[1])]
    center = ((kernel_size[0] - 1) // 2, (kernel_size[1] - 1) // 2)
    taps = [tap for tap in every if not (remove_center and tap == center)]
    offset = ops.reshape(offset, [-1, *sizes, groups, len(taps), 2])
    mask = ops.reshape(mask, [-1, *sizes, groups, len(taps)])
    if softmax:
        mask = ops.softmax(mask, axis=-1)
    # The window is scaled around its centre: what the scale adds to each tap is an offset.
    scaled = [
        [(tap[axis] - center[axis]) * dilations[axis] * (offset_scale - 1.0) for axis in (0, 1)] for tap in taps
    ]
    offset = offset * offset_scale + ops.convert_to_tensor(np.array(scaled), "float32")
    if remove_center:
        middle = len(taps) // 2
        nothing = ops.zeros_like(mask[..., :1])
        mask = ops.concatenate([mask[..., :middle], nothing, mask[..., middle:]], axis=-1)
        offset = ops.concatenate(
            [offset[..., :middle, :], ops.zeros_like(offset[..., :1, :]), offset[..., middle:, :]], axis=-2
        )
    return deform_conv2d(
        x,
        ops.reshape(offset, [-1, *sizes, groups * len(every) * 2]),
        ops.ones([*kernel_size, 1, channels]),
        ops.reshape(mask, [-1, *sizes, groups * len(every)]),
        strides=strides,
        padding=padding,
        dilations=dilations,
        groups=channels,
        offset_groups=groups,
    )
