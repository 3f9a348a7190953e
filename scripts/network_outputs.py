"""Outputs of networks in Keras, on the backend that KERAS_BACKEND names, or in torchvision: network_outputs.py FOLDER.

FOLDER/manifest.json lists networks, each {"file": "x.keras", "inputs": [...]} or {"torchvision": NAME, "arguments": {...},
"file": "x.safetensors", "inputs": [...]}; the outputs are printed as JSON. Arrays are {"shape": [...], "type": ..., "data":
base64}. Images are channels last in both directions.
"""

import base64
import json
import operator
import os
import pathlib
import sys

printed = sys.stdout
sys.stdout = sys.stderr  # Keras prints to standard output
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np


def unpack(packed):
    array = np.frombuffer(base64.b64decode(packed["data"]), f"<{'i4' if packed['type'] == 'int32' else 'f4'}")
    return array.reshape(packed["shape"])


def pack(array):
    array = np.ascontiguousarray(array, "<f4")
    return {"shape": array.shape, "type": "float32", "data": base64.b64encode(array.tobytes()).decode()}


def by_keras(file, inputs):
    import keras
    import tfjs_convolutions  # noqa: F401

    model = keras.saving.load_model(file, compile=False)
    given = [keras.ops.convert_to_tensor(each) for each in inputs]
    given = given[0] if len(given) == 1 else given
    if keras.backend.backend() == "jax":
        import jax

        # One program: to compile every operator on its own takes a minute.
        jax.config.update("jax_disable_most_optimizations", True)
        state = [[variable.value for variable in group] for group in (model.trainable_variables, model.non_trainable_variables)]
        outputs = jax.jit(lambda state, given: model.stateless_call(*state, given, training=False)[0])(state, given)
    else:
        outputs = model(given, training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return [keras.ops.convert_to_numpy(output) for output in outputs]


def by_torchvision(name, arguments, file, inputs):
    import torch
    import torchvision
    from safetensors.torch import load_file

    network = operator.attrgetter(name)(torchvision.models)(weights=None, **arguments).eval()
    network.load_state_dict(load_file(file))
    with torch.no_grad():
        outputs = network(torch.from_numpy(inputs[0].transpose(0, 3, 1, 2).copy()))
    return [outputs["out"].permute(0, 2, 3, 1).numpy() if isinstance(outputs, dict) else outputs.numpy()]


folder = pathlib.Path(sys.argv[1])
results = []
for network in json.loads((folder / "manifest.json").read_text()):
    inputs = [unpack(each) for each in network["inputs"]]
    file = str(folder / network["file"])
    if "torchvision" in network:
        outputs = by_torchvision(network["torchvision"], network["arguments"], file, inputs)
    else:
        outputs = by_keras(file, inputs)
    results.append([pack(output) for output in outputs])
printed.write(json.dumps(results))
