"""Whole Keras models for the tests: one request a line on standard input, one answer a line on standard output, both JSON.

{"open": "file", "own": bool, "inputs": [...], "fixed": [i, ...], "upstream": [...], "training": bool, "seed": n, "save": ["file", ...]}

opens the model, with the layers of tfjs_convolutions if `own` is true (from then on for all), and answers with its outputs and
the gradients of sum(upstream · output) with respect to the trainable weights of each layer and
the inputs, other than the fixed ones; then gives it
random weights, saves it to the files, and answers with the same for these as `changed`. In place of "open", {"application": NAME,
"arguments": {...}} builds a network of keras.applications, and {"layers": [[NAME, {...}], ...], "shape": [...]} a sequence of
layers. Arrays are {"shape": [...], "type": ..., "data": base64}.
"""

import base64
import json
import os
import sys

answers = sys.stdout
sys.stdout = sys.stderr  # Keras prints to standard output
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

BACKEND = keras.backend.backend()
assert BACKEND == os.environ["KERAS_BACKEND"]
if BACKEND == "jax":
    import jax

    jax.config.update("jax_disable_most_optimizations", True)
if BACKEND == "torch":
    import torch

    torch.set_num_threads(1)


def pack(array):
    array = np.ascontiguousarray(array, dtype="<f4")
    return {"shape": array.shape, "data": base64.b64encode(array.tobytes()).decode()}


def unpack(packed):
    array = np.frombuffer(base64.b64decode(packed["data"]), f"<{'i4' if packed['type'] == 'int32' else 'f4'}")
    return array.reshape(packed["shape"])


def leaves(model, prefix=""):
    """Layers with weights of their own, by their path."""
    for layer in model.layers:
        path = f"{prefix}{layer.name}"
        if isinstance(layer, keras.Model):
            yield from leaves(layer, f"{path}/")
        elif layer.weights:
            yield path, layer


def as_list(outputs):
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def total(outputs, upstream):
    return sum(keras.ops.sum(output * keras.ops.convert_to_tensor(given)) for output, given in zip(outputs, upstream))


def by_jax(model, inputs, upstream, training):
    variables = [variable.value for variable in model.trainable_variables]
    others = [variable.value for variable in model.non_trainable_variables]

    def loss(variables, inputs):
        outputs, _ = model.stateless_call(variables, others, alone(inputs), training=training)
        return total(as_list(outputs), upstream), outputs

    # One program without optimizations: to compile every operator on its own takes minutes.
    differentiate = jax.jit(jax.value_and_grad(loss, argnums=(0, 1), has_aux=True, allow_int=True))
    (_, outputs), gradients = differentiate(variables, inputs)
    return as_list(outputs), *gradients


def by_torch(model, inputs, upstream, training):
    inputs = [torch.tensor(each, requires_grad=each.dtype == np.float32) for each in inputs]
    outputs = as_list(model(alone(inputs), training=training))
    wanted = [each for each in inputs if each.requires_grad]
    variables = [variable.value for variable in model.trainable_variables]
    found = torch.autograd.grad(total(outputs, upstream), [*variables, *wanted], allow_unused=True)
    found = [torch.zeros_like(each) if grad is None else grad for each, grad in zip([*variables, *wanted], found)]
    rest = iter(found[len(variables) :])
    of_inputs = [next(rest).numpy() if each.requires_grad else None for each in inputs]
    return [each.detach() for each in outputs], [each.numpy() for each in found[: len(variables)]], of_inputs


def by_tensorflow(model, inputs, upstream, training):
    import tensorflow as tf

    inputs = [tf.constant(each) for each in inputs]
    with tf.GradientTape() as tape:
        for each in inputs:
            if each.dtype == tf.float32:
                tape.watch(each)
        outputs = as_list(model(alone(inputs), training=training))
        loss = total(outputs, upstream)
    variables = [variable.value for variable in model.trainable_variables]
    zero = tf.UnconnectedGradients.ZERO
    floats = [each for each in inputs if each.dtype == tf.float32]
    of_variables, of_floats = tape.gradient(loss, [variables, floats], unconnected_gradients=zero)
    # The gradient of a selection of rows is sparse.
    of_variables = [tf.convert_to_tensor(each) for each in of_variables]
    rest = iter([tf.convert_to_tensor(each) for each in of_floats])
    return outputs, of_variables, [next(rest) if each.dtype == tf.float32 else None for each in inputs]


def by_numpy(model, inputs, upstream, training):
    outputs = as_list(model(alone(inputs), training=training))
    return outputs, None, []


def alone(inputs):
    return inputs[0] if len(inputs) == 1 else inputs


RUN = {"jax": by_jax, "torch": by_torch, "tensorflow": by_tensorflow, "numpy": by_numpy}


def run(model, request):
    inputs = [unpack(each) for each in request["inputs"]]
    upstream = [unpack(each) for each in request["upstream"]]
    outputs, of_weights, of_inputs = RUN[BACKEND](model, inputs, upstream, request.get("training", False))
    answer = {"outputs": [pack(keras.ops.convert_to_numpy(output)) for output in outputs]}
    if of_weights is not None:
        names = {id(variable): index for index, variable in enumerate(model.trainable_variables)}
        answer["weights"] = {
            path: [pack(np.asarray(of_weights[names[id(variable)]])) for variable in layer.trainable_variables]
            for path, layer in leaves(model)
        }
        answer["inputs"] = [
            pack(np.asarray(gradient)) for index, gradient in enumerate(of_inputs) if index not in request["fixed"]
        ]
    return answer


def randomize(model, random):
    for _, layer in leaves(model):
        for weight in layer.weights:
            shape = weight.shape
            name = weight.name
            center = 1.0 if "gamma" in name or "variance" in name else 0.0
            depthwise = name == "depthwise_kernel" or isinstance(layer, keras.layers.DepthwiseConv2D)
            fan_in = np.prod(shape[:2] if depthwise else shape[:-1]) if len(shape) > 1 else 1
            reach = np.sqrt(6 / fan_in) if len(shape) == 4 else 0.5
            value = random.uniform(center - reach, center + reach, shape).astype("float32")
            # As after a step of an optimizer.
            constraint = weight.constraint or (lambda given: given)
            weight.assign(constraint(keras.ops.convert_to_tensor(value)))
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def answer_to(request):
    if request.get("own"):
        import tfjs_convolutions  # noqa: F401
    answer = {"backend": BACKEND, "own": "tfjs_convolutions" in sys.modules}
    if "open" in request:
        model = keras.saving.load_model(request["open"])
        answer.update(run(model, request))
    elif "application" in request:
        model = getattr(keras.applications, request["application"])(weights=None, **request["arguments"])
    else:
        layers = [getattr(keras.layers, name)(**arguments) for name, arguments in request["layers"]]
        model = keras.Sequential([keras.Input(request["shape"]), *layers])
    if "save" in request:
        randomize(model, np.random.default_rng(request["seed"]))
        for file in request["save"]:
            model.save(file)
        answer["changed"] = run(model, request)
    return answer


for line in sys.stdin:
    try:
        answer = answer_to(json.loads(line))
    except Exception as error:  # noqa: BLE001
        answer = {"error": f"{type(error).__name__}: {error}"}
        if os.environ.get("KERAS_TRACE"):
            import traceback

            traceback.print_exc()
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
