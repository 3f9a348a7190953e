"""Keras on JAX for the tests, which trains: one request a line on standard input, one answer a line on standard output, both JSON.

{"recipe": {"outer": ..., "freeze": ...}, "steps": n}
    builds a base in a model, freezes it, trains it; answers with {"weights": {name: array} at the start, "x": ..., "y": ...,
    "losses": [...], "moved": [name, ...]}
{"layer": name, "arguments": {...}, "x": array}
    answers with {"output": array}

Arrays are {"shape": [...], "data": base64}. See keras_recipes.test.ts for the same base.
"""

import base64
import json
import os
import sys

answers = sys.stdout
sys.stdout = sys.stderr  # Keras prints to standard output
os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import keras
import numpy as np

assert keras.backend.backend() == "jax"

SHAPE = (6, 5, 3)
LEARNING_RATE = 0.5


def pack(array):
    array = np.ascontiguousarray(array, dtype="<f4")
    return {"shape": array.shape, "data": base64.b64encode(array.tobytes()).decode()}


def unpack(array):
    return np.frombuffer(base64.b64decode(array["data"]), "<f4").reshape(array["shape"])


def inner_model():
    x = keras.Input((6, 5, 4))
    y = keras.layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    y = keras.layers.BatchNormalization(momentum=0.5, name="depthwise_bn")(y)
    return keras.Model(x, y, name="inner")


def make_base():
    x = keras.Input(SHAPE)
    y = keras.layers.Conv2D(4, 3, padding="same", name="conv")(x)
    y = keras.layers.BatchNormalization(momentum=0.5, name="conv_bn")(y)
    y = keras.layers.ReLU(name="relu")(y)
    y = inner_model()(y)
    y = keras.layers.BatchNormalization(momentum=0.5, center=False, scale=False, name="last_bn")(y)
    return keras.Model(x, y, name="base")


def make_model(base, outer):
    head = [
        keras.layers.GlobalAveragePooling2D(name="pool"),
        keras.layers.BatchNormalization(momentum=0.5, name="head_bn"),
        keras.layers.Dense(2, name="head"),
    ]
    if outer == "sequential":
        return keras.Sequential([keras.Input(SHAPE), base, *head])
    x = keras.Input(SHAPE)
    y = base(x)
    for layer in head:
        y = layer(y)
    return keras.Model(x, y)


def leaves(model):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaves(layer)
        else:
            yield layer


def freeze(base, how):
    if how == "base":
        base.trainable = False
    elif how == "layers":
        for layer in leaves(base):
            layer.trainable = False
    elif how == "conv_bn":  # the first layers, up to this one
        for layer in leaves(base):
            layer.trainable = False
            if layer.name == how:
                break
    elif how == "base, then last":
        base.trainable = False
        base.trainable = True
        for layer in list(leaves(base))[:-2]:
            layer.trainable = False
    else:
        assert how == "nothing"


def weights_of(model):
    return {f"{layer.name}/{weight.name}": np.array(weight.value) for layer in leaves(model) for weight in layer.weights}


def train(recipe, steps):
    random = np.random.default_rng(3)
    base = make_base()
    model = make_model(base, recipe["outer"])
    for layer in leaves(model):
        for weight in layer.weights:
            low, high = (0.5, 1.5) if weight.name in ("gamma", "moving_variance") else (-0.5, 0.5)
            weight.assign(random.uniform(low, high, weight.shape).astype("float32"))
    start = weights_of(model)
    freeze(base, recipe["freeze"])
    model.compile(keras.optimizers.SGD(LEARNING_RATE), "mse")
    x = random.uniform(-1, 1, (8, *SHAPE)).astype("float32")
    y = random.uniform(-1, 1, (8, 2)).astype("float32")
    losses = [float(model.train_on_batch(x, y)) for _ in range(steps)]
    end = weights_of(model)
    return {
        "weights": {name: pack(value) for name, value in start.items()},
        "x": pack(x),
        "y": pack(y),
        "losses": losses,
        "moved": [name for name in start if not np.array_equal(start[name], end[name])],
    }


for line in sys.stdin:
    request = json.loads(line)
    if "recipe" in request:
        answer = train(request["recipe"], request["steps"])
    else:
        layer = getattr(keras.layers, request["layer"])(**request["arguments"])
        answer = {"output": pack(layer(unpack(request["x"])))}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
