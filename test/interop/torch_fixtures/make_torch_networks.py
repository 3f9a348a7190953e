"""Makes torch_networks.json.gz: networks of torchvision and timm, with the tensors of their state dicts and their logits.

    PYTHONPATH=⟨folder with torch, torchvision and timm⟩ python3 make_torch_networks.py

torch 2.15.0, torchvision 0.29.2 (BSD-3-Clause) and timm 1.0.31 (Apache-2.0). Weights and images are not stored: each value is
a function of the name of its tensor and of its index, which ../support/torch_values.ts computes too.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision
from torchvision.models.resnet import Bottleneck, ResNet

CLASSES = 10
# Even, so that padding at one end and at both ends differ; unequal, so that swapped axes differ.
IMAGES = [2, 3, 64, 96]

TORCHVISION = [
    "mobilenet_v2",
    "mobilenet_v3_small",
    "mobilenet_v3_large",
    "shufflenet_v2_x0_5",
    "squeezenet1_0",
    "squeezenet1_1",
]
# Sides for maps of 26 pixels, on which dilations of 12, 24 and 36 read different ones.
SEGMENTATION = {"deeplabv3_mobilenet_v3_large": 416, "deeplabv3_resnet50": 208}
# Of the logits of pixels, those of every 32nd row and column are kept.
EVERY = 32
TIMM = ["mobilenetv2_100", "mobilenetv3_small_100", "mobilenetv3_large_100"]


def uniform(name, count):
    """Numbers in [0, 1): the hash FNV-1a of the name, and with each index the finalizer of MurmurHash3."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x.astype(np.float64) / 2**32


def values(name, shape):
    u = uniform(name, int(np.prod(shape)))
    if len(shape) >= 2:
        # The variance 2 / fan-in, which a ReLU halves.
        v = (2 * u - 1) * np.sqrt(6 / np.prod(shape[1:]))
    elif name.endswith(("weight", "running_var")):
        v = 0.5 + u
    else:
        v = 0.4 * (u - 0.5)
    return torch.from_numpy(v.astype(np.float32).reshape(shape))


def described(library, name, model, shape=IMAGES):
    model.eval()
    tensors = {key: list(tensor.shape) for key, tensor in model.state_dict().items()}
    model.load_state_dict(
        {
            key: torch.tensor(0) if key.endswith("num_batches_tracked") else values(key, shape)
            for key, shape in tensors.items()
        }
    )
    images = (2 * uniform("images", int(np.prod(shape))) - 1).astype(np.float32).reshape(shape)
    with torch.no_grad():
        logits = model(torch.from_numpy(images))
    if isinstance(logits, dict):
        logits = logits["out"].permute(0, 2, 3, 1)[:, ::EVERY, ::EVERY]
    logits = logits.flatten().tolist()
    print(library, name, len(tensors), logits[:3])
    return {"library": library, "network": name, "images": shape, "tensors": tensors, "logits": logits}


def narrow_resnext():
    """resnext50_32x4d with four groups instead of 32, for a fifth of its weights."""
    return ResNet(Bottleneck, [3, 4, 6, 3], groups=4, width_per_group=4, num_classes=CLASSES)


def main():
    networks = [
        described("torchvision", name, getattr(torchvision.models, name)(weights=None, num_classes=CLASSES))
        for name in TORCHVISION
    ]
    networks.append(described("torchvision", "resnext50_4x4d", narrow_resnext()))
    networks += [
        described(
            "torchvision",
            name,
            getattr(torchvision.models.segmentation, name)(weights=None, weights_backbone=None, num_classes=CLASSES),
            [1, 3, side, side],
        )
        for name, side in SEGMENTATION.items()
    ]
    networks += [described("timm", name, timm.create_model(name, num_classes=CLASSES)) for name in TIMM]
    timm_resnext = timm.create_model("resnext50_32x4d", num_classes=CLASSES, cardinality=4)
    networks.append(described("timm", "resnext50_4x4d", timm_resnext))
    contents = {"networks": networks}
    file = Path(__file__).with_name("torch_networks.json.gz")
    file.write_bytes(gzip.compress(json.dumps(contents, indent=1).encode(), mtime=0))


main()
