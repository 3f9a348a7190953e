"""Activations by the names that the layers accept, with the values of TensorFlow.js.

`hard_sigmoid` and `gelu_new` are registered with Keras, for layers of Keras whose activation they are.
"""

import keras
from keras import ops

PACKAGE = "Convolutions"


@keras.saving.register_keras_serializable(package=PACKAGE, name="hard_sigmoid")
def hard_sigmoid(x):
    """`0.2 x + 0.5`, from 0 to 1: that of Keras 2 and TensorFlow.js. Keras 3 has another one."""
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


@keras.saving.register_keras_serializable(package=PACKAGE, name="gelu_new")
def gelu_new(x):
    """GELU approximated by a hyperbolic tangent."""
    return keras.activations.gelu(x, approximate=True)


def linear(x):
    return x


def hard_swish(x):
    """`x relu6(x + 3) / 6`."""
    return x * (ops.relu6(x + 3.0) * (1.0 / 6.0))


_OWN = {
    "hard_sigmoid": hard_sigmoid,
    "gelu_new": gelu_new,
    "hard_swish": hard_swish,
    "linear": linear,
}
_OF_KERAS = ("elu", "gelu", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "softmax", "softplus")
NAMES = (*_OWN, *_OF_KERAS, "softsign", "swish", "tanh")


def get(name):
    """Finds an activation by its name; softmax and log_softmax run over the last axis."""
    if name in _OWN:
        return _OWN[name]
    if name not in NAMES:
        raise ValueError(f"activation must be one of {', '.join(sorted(NAMES))}, received {name!r}")
    return keras.activations.get(name)
