"""Keras for the tests: one request a line on standard input, one answer a line on standard output, both JSON.

{"make": {...}, "seed": n, "range": [low, high], "files": [...]}   builds a model, gives it random weights and statistics, saves it to the files
{"load": "file"}                                                  loads weights from a file into the model, whose own are set to zero before

Both answer with what the model makes of an input: {"input": ..., "output": ...}, arrays as {"shape": [...], "data": base64}.
A model is {"application": NAME, "arguments": {...}}, {"layer": NAME, "arguments": {...}, "input": [h, w, c]},
{"subclassed": n} with n dense layers, or a graph: {"input": [...], "layers": [...] in the order of their creation, "calls": [[layer, [tensor, ...]], ...]},
where tensor 0 is the input and each call makes the next; the last is the output. A layer is {"type": NAME, "arguments": {...}}, with a
"layer" or "cells" inside where it wraps some, or a graph.
"""

import base64
import json
import os
import sys

answers = sys.stdout
sys.stdout = sys.stderr  # Keras prints to standard output
os.environ["KERAS_BACKEND"] = "numpy"

import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

assert keras.backend.backend() == "numpy"


def make_layer(layer):
    if "calls" in layer:
        return make_graph(layer)
    inside = [make_layer(layer["layer"])] if "layer" in layer else []
    if "cells" in layer:
        inside = [[make_layer(cell) for cell in layer["cells"]]]
    return getattr(keras.layers, layer["type"])(*inside, **layer["arguments"])


def make_graph(graph):
    layers = [make_layer(layer) for layer in graph["layers"]]
    tensors = [keras.Input(graph["input"])]
    for index, inputs in graph["calls"]:
        arguments = [tensors[place] for place in inputs]
        tensors.append(layers[index](arguments if len(arguments) > 1 else arguments[0]))
    arguments = {"name": graph["name"]} if "name" in graph else {}
    return keras.Model(tensors[0], tensors[-1], **arguments)


class Subclassed(keras.Model):
    def __init__(self, count):
        super().__init__()
        self.count = count
        self.first = keras.layers.Dense(3)
        self.blocks = [keras.layers.Dense(3) for _ in range(count - 1)]

    def get_config(self):
        return {"count": self.count}

    def call(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return x


def make(model):
    if "calls" in model:
        return make_graph(model)
    if "subclassed" in model:
        made = Subclassed(model["subclassed"])
        made(np.zeros((1, 3), "float32"))
        return made
    if "application" in model:
        return getattr(keras.applications, model["application"])(weights=None, **model["arguments"])
    layer = getattr(keras.layers, model["layer"])(name="layer", **model["arguments"])
    return keras.Sequential([keras.Input(model["input"]), layer])


def randomize(model, random):
    """Weights that keep the size of what passes through; statistics and scales that are not those of a new model."""
    for layer in model.layers:
        for weight in layer.weights:
            shape = weight.shape
            if len(shape) < 2:
                low, high = (0.5, 1.5) if weight.name in ("gamma", "moving_variance") else (-0.5, 0.5)
                value = random.uniform(low, high, shape)
            else:
                depthwise = isinstance(layer, keras.layers.DepthwiseConv2D) or weight.name == "depthwise_kernel"
                fan_in = np.prod(shape[:2] if depthwise else shape[:-1])
                value = random.standard_normal(shape) * np.sqrt(2 / fan_in)
            weight.assign(value.astype("float32"))


def pack(array):
    array = np.ascontiguousarray(array, dtype="<f4")
    return {"shape": array.shape, "data": base64.b64encode(array.tobytes()).decode()}


def save_official(model, file, renamed):
    """Weights alone, as in the files of keras.applications: one group a layer, listed in order; perhaps by older names."""
    with h5py.File(file, "w") as stored:
        legacy_h5_format.save_weights_to_hdf5_group(stored, model)
        if renamed:
            # h5py gives texts or bytes, whichever Keras has written.
            names = [name if isinstance(name, str) else name.decode() for name in stored.attrs["layer_names"]]
            for name in names:
                stored.move(name, "older_" + name)
            stored.attrs["layer_names"] = [f"older_{name}".encode() for name in names]


def save(model, file):
    if file.endswith(".official.h5") or file.endswith(".renamed.h5"):
        save_official(model, file, file.endswith(".renamed.h5"))
    elif file.endswith(".weights.h5"):
        model.save_weights(file)
    else:
        model.save(file)


model, x = None, None
for line in sys.stdin:
    request = json.loads(line)
    if "make" in request:
        random = np.random.default_rng(request["seed"])
        model = make(request["make"])
        randomize(model, random)
        low, high = request["range"]
        shape = (3,) if isinstance(model, Subclassed) else model.input_shape[1:]
        x = random.uniform(low, high, (2, *shape)).astype("float32")
        for file in request["files"]:
            save(model, file)
    else:
        for weight in model.weights:
            weight.assign(np.zeros(weight.shape, "float32"))
        model.load_weights(request["load"])
    answers.write(json.dumps({"input": pack(x), "output": pack(model(x, training=False))}) + "\n")
    answers.flush()
