"""MobileNetV1 in torch: a training step, eager or compiled by torch.compile.

For even sizes TensorFlow's "same" padding of a stride-2 layer is (0, 1), torch's usual padding=1 is (1, 1). On images and
kernels that are flipped, the latter computes the former flipped: torch needs no padding of its own in front of a layer.
"""

import numpy as np
import torch
from torch import nn

STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)


def _normalization(channels):
    """Batch normalization whose factor, shift, mean and variance are no neutral ones, the same as in networks.ts."""
    layer = nn.BatchNorm2d(channels, eps=1e-3)
    tensors = (layer.weight, layer.bias, layer.running_mean, layer.running_var)
    for i, (tensor, centre) in enumerate(zip(tensors, (1, 0, 0, 1))):
        tensor.data = torch.from_numpy((centre + 0.1 * np.sin(np.arange(channels) + i)).astype(np.float32))
    return layer


def _convolution(kernel, stride=1, depthwise=False):
    """Convolution by a kernel [height, width, in, out] or, depthwise, [height, width, channels, 1]."""
    size = kernel.shape[0]
    order = (2, 3, 0, 1) if depthwise else (3, 2, 0, 1)
    weight = torch.from_numpy(kernel).permute(order).flip((2, 3))
    out = weight.shape[0]
    layer = nn.Conv2d(
        *(out if depthwise else weight.shape[1], out, size),
        **{"stride": stride, "padding": size // 2, "groups": out if depthwise else 1, "bias": False},
    )
    layer.weight.data = weight.contiguous()
    return nn.Sequential(layer, _normalization(out), nn.ReLU6())


def _network(inputs):
    """Network from images to logits, with the kernels of the inputs."""
    kernels = iter(inputs[f"kernel{i}"] for i in range(2 * len(STRIDES) + 1))
    layers = [_convolution(next(kernels), 2)]
    for stride in STRIDES:
        layers += [_convolution(next(kernels), stride, depthwise=True), _convolution(next(kernels))]
    last = inputs[f"kernel{2 * len(STRIDES) + 1}"]
    dense = nn.Linear(*last.shape)
    dense.weight.data = torch.from_numpy(last.T.copy())
    dense.bias.data.zero_()
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), dense)


def training_step(inputs, params):
    # The layout of torch's own fast convolutions on a CPU.
    layout = torch.channels_last
    x = torch.from_numpy(inputs["x"]).permute(0, 3, 1, 2).flip((2, 3)).contiguous(memory_format=layout)
    labels = torch.from_numpy(inputs["labels"])
    model = _network(inputs).to(memory_format=layout)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def loss_of():
        return nn.functional.cross_entropy(model(x), labels)

    update = optimizer.step
    if params.get("compiled"):
        loss_of, update = torch.compile(loss_of), torch.compile(update)

    def run():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        update()
        return loss.item()

    model.eval()
    with torch.no_grad():
        before = torch.softmax(model(x), 1).numpy()
    model.train()
    loss = run()
    first = model[0][0].weight.detach().flip((2, 3)).permute(2, 3, 1, 0).numpy()
    return [before, np.array([loss]), first, model[-1].weight.detach().numpy().T], run
