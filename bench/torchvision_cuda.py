"""Times of torchvision's deform_conv2d on CUDA, at the shapes of bench/browser/contests.ts, as JSON."""

import json
import statistics
import time

import torch
import torchvision

SHAPES = ((56, 64), (28, 128), (14, 256))
ROUNDS = 21


def milliseconds(run):
    """Median time until the device is done."""
    times = []
    for _ in range(ROUNDS):
        torch.cuda.synchronize()
        start = time.perf_counter()
        run()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[1:])


def operands(side, channels, groups):
    """Image, offsets, filter and mask of a 3×3 kernel that keeps the size."""
    torch.manual_seed(1)
    shapes = (
        (1, channels, side, side),
        (1, 18, side, side),
        (channels, channels // groups, 3, 3),
        (1, 9, side, side),
    )
    return [torch.randn(shape, device="cuda", requires_grad=True) for shape in shapes]


def rows():
    for title, depthwise in (("deformConv2d", False), ("depthwise deformConv2d", True)):
        for side, channels in SHAPES:
            tensors = operands(side, channels, channels if depthwise else 1)
            image, offsets, weights, mask = tensors

            def forward():
                return torchvision.ops.deform_conv2d(image, offsets, weights, padding=1, mask=mask)

            def gradients():
                torch.autograd.grad(forward().sum(), tensors)

            for name, run in (("forward", forward), ("forward + gradients", gradients)):
                yield {"title": title, "shape": f"{side}²×{channels}, {name}", "milliseconds": milliseconds(run)}


if not torch.cuda.is_available():
    raise SystemExit("Cannot measure torchvision on CUDA: torch must find a device")
# As single precision is computed elsewhere.
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
print(json.dumps({"device": torch.cuda.get_device_name(), "rows": list(rows())}, ensure_ascii=False, indent=1))
