"""Makes test/golden/*.json: values and gradients of convolutions, computed by torch and torchvision in float64
(in float32 where a case is about its rounding).

    pip install torch==2.15.0 torchvision==0.29.2 && python scripts/make_golden.py

The files have the form that test/conformance/golden_file.ts reads, in this package's convention: NHWC, y before x,
filter [kh, kw, inChannels / groups, outChannels], depthwise filter [kh, kw, channels, multiplier], transposed filter
[kh, kw, outChannels / groups, inChannels]. Inputs are multiples
of 1/16, which float32 holds exactly. The fraction of an offset keeps away from integers: at exactly y = -1 the offset
gradient of torchvision lacks the guard that its forward pass has, and at every integer the slopes jump.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
import torchvision
from torchvision.ops import deform_conv2d, ps_roi_align, ps_roi_pool, roi_align, roi_pool

from threshold_boxes import boxes_on_threshold

TARGET = Path(__file__).resolve().parent.parent / "test" / "golden"
ZEROS = "zeros"
ONE = (1, 1)
NO_PADDING = ((0, 0), (0, 0))


class Source:
    """Random inputs of one case, the same on every run."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def tensor(self, *shape, low=-24, high=24):
        """Multiples of 1/16 between low / 16 and high / 16, with a gradient."""
        steps = torch.randint(low, high + 1, shape, generator=self.generator)
        return (steps.to(torch.float64) / 16).requires_grad_()

    def offsets(self, *shape, reach=2):
        """Whole pixels of [-reach, reach) plus a fraction of [1/8, 7/8]."""
        whole = torch.randint(-reach, reach, shape, generator=self.generator).to(torch.float64)
        fraction = torch.randint(2, 15, shape, generator=self.generator).to(torch.float64) / 16
        return (whole + fraction).requires_grad_()

    def cotangent(self, like):
        return self.tensor(*like.shape).detach()


def nhwc(tensor):
    return tensor.permute(0, 2, 3, 1)


def convolution_filter(weight):
    """[outChannels, inChannels / groups, kh, kw] to [kh, kw, inChannels / groups, outChannels]."""
    return weight.permute(2, 3, 1, 0)


def depthwise_filter(channels):
    """[channels * multiplier, 1, kh, kw] to [kh, kw, channels, multiplier]."""

    def convert(weight):
        count, _, height, width = weight.shape
        return weight.reshape(channels, count // channels, height, width).permute(2, 3, 0, 1)

    return convert


def transposed_filter(weight):
    """[inChannels, outChannels / groups, kh, kw] to [kh, kw, outChannels / groups, inChannels]."""
    return weight.permute(2, 3, 1, 0)


def unchanged(tensor):
    return tensor


def packed(tensor):
    """As the files hold it; 9 digits are more than float32 has."""
    data = [float(f"{value:.9g}") for value in tensor.detach().reshape(-1).tolist()]
    return {"shape": list(tensor.shape), "data": [int(value) if value.is_integer() else value for value in data]}


def case(name, op, attributes, source, inputs, y):
    """A case with y and the gradient of every input; inputs is {name: (tensor, conversion to our layout)}."""
    cotangent = source.cotangent(y)
    tensors = [tensor for tensor, _ in inputs.values()]
    gradients = torch.autograd.grad(y, tensors, cotangent)
    expected = {"y": packed(nhwc(y))}
    for (key, (_, convert)), gradient in zip(inputs.items(), gradients):
        expected[f"d_{key}"] = packed(convert(gradient))
    return {
        "name": name,
        "op": op,
        "attributes": attributes,
        "inputs": {key: packed(convert(tensor)) for key, (tensor, convert) in inputs.items()},
        "cotangent": packed(nhwc(cotangent)),
        "expected": expected,
    }


def pad(x, sides, mode):
    (top, bottom), (left, right) = sides
    amounts = (left, right, top, bottom)
    return F.pad(x, amounts) if mode == ZEROS else F.pad(x, amounts, mode=mode)


def same_sides(size, kernel, strides, dilations):
    """TensorFlow's 'same': output ceil(size / stride), the smaller half of the padding first."""
    sides = []
    for length, taps, stride, dilation in zip(size, kernel, strides, dilations):
        extent = (taps - 1) * dilation + 1
        total = max((-(-length // stride) - 1) * stride + extent - length, 0)
        sides.append([total // 2, total - total // 2])
    return sides


def convolution(
    name, seed, x, kernel, out, strides=ONE, dilations=ONE, padding=NO_PADDING, groups=1, mode=ZEROS, bias=True
):
    """x is [n, h, w, c]."""
    source = Source(seed)
    batch, height, width, channels = x
    image = source.tensor(batch, channels, height, width)
    weight = source.tensor(out, channels // groups, *kernel)
    inputs = {"x": (image, nhwc), "filter": (weight, convolution_filter)}
    shift = None
    if bias:
        shift = source.tensor(out)
        inputs["bias"] = (shift, unchanged)
    sides = same_sides((height, width), kernel, strides, dilations) if padding == "same" else padding
    y = F.conv2d(pad(image, sides, mode), weight, shift, strides, 0, dilations, groups)
    attributes = {"strides": strides, "padding": padding, "dilations": dilations, "groups": groups, "paddingMode": mode}
    return case(name, "conv2d", attributes, source, inputs, y)


def depthwise(name, seed, x, kernel, multiplier=1, strides=ONE, dilations=ONE, padding=NO_PADDING, bias=True):
    source = Source(seed)
    batch, height, width, channels = x
    image = source.tensor(batch, channels, height, width)
    weight = source.tensor(channels * multiplier, 1, *kernel)
    inputs = {"x": (image, nhwc), "filter": (weight, depthwise_filter(channels))}
    shift = None
    if bias:
        shift = source.tensor(channels * multiplier)
        inputs["bias"] = (shift, unchanged)
    sides = same_sides((height, width), kernel, strides, dilations) if padding == "same" else padding
    y = F.conv2d(pad(image, sides, ZEROS), weight, shift, strides, 0, dilations, channels)
    attributes = {"strides": strides, "padding": padding, "dilations": dilations}
    return case(name, "depthwise_conv2d", attributes, source, inputs, y)


def deformable(
    name,
    seed,
    x,
    kernel,
    out,
    strides=ONE,
    dilations=ONE,
    padding=(0, 0),
    groups=1,
    offset_groups=1,
    mask=True,
    bias=True,
    reach=2,
):
    source = Source(seed)
    batch, height, width, channels = x
    image = source.tensor(batch, channels, height, width)
    weight = source.tensor(out, channels // groups, *kernel)
    output = [
        (length + 2 * margin - ((taps - 1) * dilation + 1)) // stride + 1
        for length, margin, taps, dilation, stride in zip((height, width), padding, kernel, dilations, strides)
    ]
    samples = offset_groups * kernel[0] * kernel[1]
    offset = source.offsets(batch, 2 * samples, *output, reach=reach)
    inputs = {"x": (image, nhwc), "offset": (offset, nhwc), "filter": (weight, convolution_filter)}
    weights = shift = None
    if mask:
        weights = source.tensor(batch, samples, *output, low=0, high=16)
        inputs["mask"] = (weights, nhwc)
    if bias:
        shift = source.tensor(out)
        inputs["bias"] = (shift, unchanged)
    y = deform_conv2d(image, offset, weight, shift, strides, padding, dilations, weights)
    attributes = {
        "strides": strides,
        "padding": [[padding[0]] * 2, [padding[1]] * 2],
        "dilations": dilations,
        "groups": groups,
        "offsetGroups": offset_groups,
    }
    return case(name, "deform_conv2d", attributes, source, inputs, y)


def transposed(
    name, seed, x, kernel, out, strides=ONE, dilations=ONE, padding=(0, 0), output_padding=(0, 0), groups=1, bias=True
):
    source = Source(seed)
    batch, height, width, channels = x
    image = source.tensor(batch, channels, height, width)
    weight = source.tensor(channels, out // groups, *kernel)
    inputs = {"x": (image, nhwc), "filter": (weight, transposed_filter)}
    shift = None
    if bias:
        shift = source.tensor(out)
        inputs["bias"] = (shift, unchanged)
    y = F.conv_transpose2d(image, weight, shift, strides, padding, output_padding, groups, dilations)
    attributes = {
        "strides": strides,
        "padding": [[padding[0]] * 2, [padding[1]] * 2],
        "outputPadding": output_padding,
        "dilations": dilations,
        "groups": groups,
    }
    return case(name, "conv2d_transpose", attributes, source, inputs, y)


def stretched_grid(kernel, dilations, scale):
    """What a stretch of the grid around its centre adds to each tap, [taps, (y, x)]: (half - a d) (1 - scale)."""
    along = [
        [((dilation * (taps - 1)) // 2 - a * dilation) * (1 - scale) for a in range(taps)]
        for taps, dilation in zip(kernel, dilations)
    ]
    return torch.tensor([[dy, dx] for dy in along[0] for dx in along[1]], dtype=torch.float64)


def version_3(
    name,
    op,
    seed,
    x,
    kernel=(3, 3),
    groups=1,
    strides=ONE,
    dilations=ONE,
    padding=(0, 0),
    scale=1.0,
    remove_center=False,
):
    """DCNv3, or DCNv4 without the softmax, as sampling with a filter of ones at the offsets of the stretched grid."""
    source = Source(seed)
    batch, height, width, channels = x
    image = source.tensor(batch, channels, height, width)
    output = [
        (length + 2 * margin - ((taps - 1) * dilation + 1)) // stride + 1
        for length, margin, taps, dilation, stride in zip((height, width), padding, kernel, dilations, strides)
    ]
    every = kernel[0] * kernel[1]
    kept = [tap for tap in range(every) if not (remove_center and tap == every // 2)]
    stretch = stretched_grid(kernel, dilations, scale)[kept].reshape(1, 1, len(kept), 2, 1, 1)
    # A scale that is a power of two keeps the offsets exact.
    moved = source.offsets(batch, groups, len(kept), 2, *output).detach()
    offset = ((moved - stretch) / scale).reshape(batch, -1, *output).requires_grad_()
    mask = source.tensor(batch, groups * len(kept), *output)
    shifts = torch.zeros(batch, groups, every, 2, *output, dtype=torch.float64)
    shifts[:, :, kept] = offset.reshape(batch, groups, len(kept), 2, *output) * scale + stretch
    raw = mask.reshape(batch, groups, len(kept), *output)
    weights = torch.zeros(batch, groups, every, *output, dtype=torch.float64)
    weights[:, :, kept] = raw.softmax(2) if op == "dcnv3" else raw
    ones = torch.ones(channels, 1, *kernel, dtype=torch.float64)
    flat_shifts, flat_weights = shifts.reshape(batch, -1, *output), weights.reshape(batch, -1, *output)
    y = deform_conv2d(image, flat_shifts, ones, None, strides, padding, dilations, flat_weights)
    attributes = {
        "kernelSize": kernel,
        "strides": strides,
        "padding": [[padding[0]] * 2, [padding[1]] * 2],
        "dilations": dilations,
        "groups": groups,
        "offsetScale": scale,
        "removeCenter": remove_center,
        "softmax": op == "dcnv3",
    }
    return case(name, op, attributes, source, {"x": (image, nhwc), "offset": (offset, nhwc), "mask": (mask, nhwc)}, y)


def on_threshold(name, op, seed, x, size, scale, sampling, aligned=None):
    """Regions in float32, with samples on the edge of what is read."""
    boxes = boxes_on_threshold(x, size, scale, sampling, aligned in (None, True))
    return regions(name, op, seed, x, size, boxes, scale, sampling, aligned, dtype=torch.float32)


def regions(name, op, seed, x, size, boxes, scale, sampling=None, aligned=None, dtype=torch.float64):
    """Boxes are (image, y1, x1, y2, x2); torchvision takes (image, x1, y1, x2, y2)."""
    source = Source(seed)
    batch, height, width, channels = x
    leaf = source.tensor(batch, channels, height, width)
    image = leaf.to(dtype)
    rois = torch.tensor([[n, x1, y1, x2, y2] for n, y1, x1, y2, x2 in boxes], dtype=dtype)
    attributes = {"outputSize": size, "spatialScale": scale}
    if op == "roi_pool":
        y = roi_pool(image, rois, size, scale)
    elif op == "ps_roi_pool":
        y = ps_roi_pool(image, rois, size, scale)
    elif op == "roi_align":
        y = roi_align(image, rois, size, scale, sampling, aligned)
        attributes |= {"samplingRatio": sampling, "aligned": aligned}
    else:
        y = ps_roi_align(image, rois, size, scale, sampling)
        attributes |= {"samplingRatio": sampling}
    golden = case(name, op, attributes, source, {"x": (leaf, nhwc)}, y.to(torch.float64))
    corners = torch.tensor([box[1:] for box in boxes], dtype=torch.float64)
    golden["inputs"] |= {"boxes": packed(corners), "boxIndices": packed(torch.tensor([box[0] for box in boxes]))}
    return golden


# Inside the image, since at its border torchvision's gradient of ps_roi_pool is not that of its value, and away from
# ties of the rounding.
BOXES = [(1, 2.25, 1.75, 9.25, 11.25), (0, 0.25, 3.75, 7.75, 8.25), (1, 5.25, 0.25, 9.75, 6.25)]
OVER_THE_EDGE = [*BOXES, (0, -3.25, 4.75, 6.25, 21.25)]

CASES = {
    "conv2d": [
        convolution("plain", 1, (2, 5, 4, 3), (3, 2), 5),
        convolution("stride_with_dilation", 2, (1, 9, 8, 2), (3, 2), 3, (2, 3), (3, 2), ((3, 1), (0, 2))),
        convolution("groups", 3, (1, 5, 6, 6), (2, 3), 9, (1, 2), (2, 1), ((1, 1), (2, 2)), groups=3, bias=False),
        convolution("same_stride", 4, (1, 7, 6, 3), (2, 3), 4, (2, 3), padding="same"),
        convolution("same_kernel_below_stride", 5, (1, 8, 9, 2), (1, 2), 3, (2, 3), padding="same"),
        convolution("reflect", 6, (1, 5, 4, 2), (3, 2), 3, (2, 1), (1, 2), ((4, 1), (2, 3)), mode="reflect"),
        convolution("replicate", 7, (1, 5, 4, 2), (3, 2), 3, (2, 1), (1, 2), ((4, 1), (2, 3)), mode="replicate"),
        convolution("circular", 8, (1, 5, 4, 2), (3, 2), 3, (2, 1), (1, 2), ((4, 1), (2, 3)), mode="circular"),
        convolution("pointwise", 9, (2, 3, 4, 7), (1, 1), 5, (2, 1)),
        convolution("wide", 10, (1, 3, 4, 17), (2, 1), 9, padding=((1, 0), (0, 0))),
    ],
    "depthwise_conv2d": [
        depthwise("plain", 21, (2, 5, 4, 3), (3, 2)),
        depthwise("multiplier", 22, (1, 5, 6, 3), (2, 3), 4, padding=((1, 0), (2, 1))),
        depthwise("stride_with_dilation", 23, (1, 9, 8, 5), (3, 2), 1, (2, 3), (3, 2), ((3, 1), (0, 2))),
        depthwise("same_stride_multiplier", 24, (1, 8, 7, 4), (3, 3), 2, (2, 2), padding="same", bias=False),
        depthwise("nine_channels", 25, (1, 6, 5, 9), (3, 3), padding=((1, 1), (1, 1))),
    ],
    "conv2d_transpose": [
        transposed("stride_with_dilation", 61, (1, 3, 4, 3), (3, 2), 4, (2, 3), (1, 2), (1, 0)),
        transposed("output_padding_groups", 62, (2, 3, 2, 4), (2, 3), 6, (3, 2), (1, 1), (0, 1), (2, 1), groups=2),
        transposed("padding_below_dilation", 63, (1, 3, 2, 2), (3, 2), 3, (1, 2), (3, 1), (2, 0), (2, 1), bias=False),
    ],
    "dcnv3": [
        version_3("groups_stride", "dcnv3", 71, (1, 5, 4, 4), (3, 2), 2, (2, 1), (1, 2), (1, 1)),
        version_3("without_center_scaled", "dcnv3", 72, (1, 4, 4, 2), scale=2.0, padding=(1, 1), remove_center=True),
    ],
    "dcnv4": [version_3("groups_half_scale", "dcnv4", 81, (1, 4, 3, 4), (2, 3), 2, padding=(0, 1), scale=0.5)],
    "roi_align": [
        regions("adaptive", "roi_align", 91, (2, 6, 7, 3), (2, 3), OVER_THE_EDGE, 0.5, 0, False),
        regions("aligned", "roi_align", 92, (2, 6, 7, 3), (3, 2), OVER_THE_EDGE, 0.5, 2, True),
        on_threshold("threshold_third", "roi_align", 96, (2, 6, 7, 3), (3, 2), 1 / 3, 3, True),
        on_threshold("threshold_sixth", "roi_align", 97, (2, 6, 7, 3), (7, 3), 1 / 6, 2, False),
        on_threshold("threshold_seventh", "roi_align", 98, (2, 6, 7, 3), (2, 7), 1 / 7, 2, True),
    ],
    "roi_pool": [regions("plain", "roi_pool", 93, (2, 6, 7, 3), (2, 3), OVER_THE_EDGE, 0.5)],
    "ps_roi_align": [
        regions("plain", "ps_roi_align", 94, (2, 6, 7, 12), (2, 3), OVER_THE_EDGE, 0.5, 2),
        on_threshold("threshold_third", "ps_roi_align", 99, (2, 6, 7, 12), (3, 2), 1 / 3, 2),
    ],
    "ps_roi_pool": [regions("plain", "ps_roi_pool", 95, (2, 6, 7, 12), (3, 2), BOXES, 0.5)],
    "deform_conv2d": [
        deformable("version_1", 41, (2, 5, 4, 3), (3, 2), 4, padding=(1, 0), mask=False),
        deformable("version_2", 42, (2, 5, 4, 3), (3, 2), 4, padding=(1, 0)),
        deformable("stride_with_dilation", 43, (1, 9, 8, 2), (3, 2), 3, (2, 3), (3, 2), (3, 1)),
        deformable("more_offset_groups", 44, (1, 4, 5, 8), (2, 3), 6, groups=2, offset_groups=4, bias=False),
        deformable("fewer_offset_groups", 45, (1, 4, 5, 8), (2, 3), 4, groups=4, offset_groups=2),
        deformable("crossing_groups", 46, (1, 4, 3, 12), (2, 2), 6, groups=3, offset_groups=4),
        deformable("depthwise", 47, (1, 5, 4, 5), (3, 3), 5, padding=(1, 1), groups=5),
        deformable("depthwise_multiplier", 48, (1, 4, 5, 4), (2, 3), 8, (2, 1), padding=ONE, groups=4, offset_groups=2),
        deformable("depthwise_1", 49, (1, 5, 4, 3), (3, 2), 3, padding=(1, 0), groups=3, mask=False, bias=False),
        deformable("far_offsets", 50, (1, 4, 5, 3), (3, 3), 2, padding=(1, 1), reach=9),
        deformable("one_pixel", 51, (1, 1, 1, 3), (3, 3), 2, padding=(1, 1)),
    ],
}


def main():
    TARGET.mkdir(exist_ok=True)
    header = {
        "source": f"torch {torch.__version__.split('+')[0]}, torchvision {torchvision.__version__.split('+')[0]}",
        "commit": "scripts/make_golden.py",
        "license": "Apache-2.0",
    }
    for op, cases in CASES.items():
        lines = ",\n".join(json.dumps(golden, separators=(",", ":")) for golden in cases)
        start = json.dumps(header, separators=(",", ":"))[:-1]
        (TARGET / f"{op}.json").write_text(f'{start},"cases":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
