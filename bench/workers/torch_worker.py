"""torch and torchvision as peers. Arrays come and go as NHWC and are kept as torch has them, NCHW."""

import torch
import torchvision
from serve import THREADS, serve
from torch_mobilenet import training_step

torch.set_num_threads(THREADS)


def _image(values):
    return torch.from_numpy(values).permute(0, 3, 1, 2).contiguous()


def _filter(values):
    return torch.from_numpy(values).permute(3, 2, 0, 1).contiguous()


def _from_image(tensor):
    return tensor.detach().permute(0, 2, 3, 1).numpy()


def _from_filter(tensor):
    return tensor.detach().permute(2, 3, 1, 0).numpy()


def _work(forward, arguments, dy):
    """`arguments`: each a tensor and the function that brings its gradient back; None where it is absent."""
    tensors = [tensor for tensor, _ in arguments]
    if dy is None:

        def run():
            with torch.no_grad():
                return [forward(*tensors)]

    else:
        for tensor in tensors:
            tensor.requires_grad_()

        def run():
            y = forward(*tensors)
            return [y, *torch.autograd.grad(y, tensors, dy)]

    y, *gradients = run()
    back = [restore(gradient) for gradient, (_, restore) in zip(gradients, arguments)]
    return [_from_image(y), *back], run


def _dy(inputs, params):
    return _image(inputs["dy"]) if params.get("gradients") else None


def deform_conv2d(inputs, params):
    padding = inputs["filter"].shape[0] // 2
    arguments = [
        (_image(inputs["x"]), _from_image),
        (_image(inputs["offset"]), _from_image),
        (_filter(inputs["filter"]), _from_filter),
        (_image(inputs["mask"]), _from_image),
    ]

    def forward(x, offset, weight, mask):
        return torchvision.ops.deform_conv2d(x, offset, weight, padding=padding, mask=mask)

    return _work(forward, arguments, _dy(inputs, params))


def conv2d(inputs, params):
    dilation = int(params.get("dilation", 1))
    padding = dilation * (inputs["filter"].shape[0] // 2)
    arguments = [(_image(inputs["x"]), _from_image), (_filter(inputs["filter"]), _from_filter)]

    def forward(x, weight):
        groups = int(params.get("groups", 1))
        return torch.nn.functional.conv2d(x, weight, padding=padding, dilation=dilation, groups=groups)

    return _work(forward, arguments, _dy(inputs, params))


serve(
    {"torch": torch.__version__, "torchvision": torchvision.__version__},
    {"deformConv2d": deform_conv2d, "conv2d": conv2d, "trainingStep": training_step},
)
