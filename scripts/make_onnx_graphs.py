"""Exports small networks of torchvision and timm, with random weights, as the graphs of test/interop/onnx_graphs.

    python scripts/make_onnx_graphs.py FOLDER [--full]

Needs torch, torchvision, timm, onnx and onnxscript. Of the weights only names and shapes are kept: the tests make random
values. With --full the networks have their published sizes, and all is kept.
"""

import argparse
import gzip
import pathlib
import warnings

import onnx
import timm
import torch
import torchvision
from torchvision.models.mobilenetv3 import mobilenet_v3_large
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.models.segmentation.deeplabv3 import DeepLabHead, DeepLabV3
from torchvision.models._utils import IntermediateLayerGetter

# Tensors with fewer elements are kept: factors, sizes.
KEPT = 8


def deeplab(full):
    if full:
        return torchvision.models.segmentation.deeplabv3_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=5)
    features = mobilenet_v3_large(width_mult=0.25, dilated=True).features
    backbone = IntermediateLayerGetter(features, {str(len(features) - 1): "out"})
    channels = features[-1].out_channels
    return DeepLabV3(backbone, DeepLabHead(channels, 5, (12, 24, 36)))


class Scores(torch.nn.Module):
    """The scores of a segmentation network, which torchvision returns in a dictionary."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x)["out"]


def networks(full):
    models = torchvision.models
    classes = {"num_classes": 10}
    yield "mobilenet_v2", models.mobilenet_v2(**classes, width_mult=1 if full else 0.25)
    yield "mobilenet_v3", models.mobilenet_v3_small(**classes, width_mult=1 if full else 0.25)
    yield "resnext", models.resnext50_32x4d(**classes) if full else ResNet(Bottleneck, [1, 1, 1, 1], groups=32, width_per_group=1, **classes)
    yield "shufflenet_v2", models.shufflenet_v2_x0_5(**classes)
    yield "squeezenet", models.squeezenet1_0(**classes)
    yield "deeplab_v3", Scores(deeplab(full))
    sizes = {} if full else {"depths": (1, 1, 2, 1), "dims": (16, 32, 48, 64)}
    yield "convnext", timm.create_model("convnext_atto", num_classes=10, **sizes)


def export(name, network, folder, dynamo, full):
    file = folder / f"{name}_{'dynamo' if dynamo else 'script'}.onnx"
    x = torch.randn(2, 3, 64, 64)
    names = {"input_names": ["image"], "output_names": ["scores"]}
    if dynamo:
        shapes = ({0: torch.export.Dim("batch")},)
        torch.onnx.export(network, (x,), file, dynamo=True, dynamic_shapes=shapes, external_data=False, verbose=False, **names)
    else:
        axes = {"image": {0: "batch", 2: "height", 3: "width"}, "scores": {0: "batch"}}
        torch.onnx.export(network, (x,), file, dynamo=False, dynamic_axes=axes, opset_version=20, **names)
    model = onnx.load(file)
    if not full:
        strip(model)
        packed = gzip.compress(model.SerializeToString(), mtime=0)
        file.with_suffix(".onnx.gz").write_bytes(packed)
        file.unlink()


def strip(model):
    del model.graph.value_info[:]
    del model.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for tensor in model.graph.initializer:
        elements = 1
        for size in tensor.dims:
            elements *= size
        if tensor.data_type == onnx.TensorProto.FLOAT and elements >= KEPT:
            tensor.ClearField("raw_data")
            tensor.ClearField("float_data")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--full", action="store_true")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    for name, network in networks(arguments.full):
        network.eval()
        for dynamo in (False, True):
            export(name, network, arguments.folder, dynamo, arguments.full)
