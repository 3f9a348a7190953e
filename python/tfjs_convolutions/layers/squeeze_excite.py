"""Squeeze-and-excitation."""

import keras
from keras import ops

from tfjs_convolutions import activations
from tfjs_convolutions.functions.convolution import conv2d
from tfjs_convolutions.layers._base import ImageLayer, WeightOptions, register

_GATES = {
    "hard_sigmoid": lambda x: ops.relu6(x + 3.0) * (1.0 / 6.0),
    "sigmoid": keras.activations.sigmoid,
}


def _multiple_of_8(value):
    rounded = max(8, int((value + 4) // 8) * 8)
    return rounded + 8 if rounded < 0.9 * value else rounded


@register
class SqueezeExcite(ImageLayer):
    """Scales every channel by a gate computed from the mean of the image.

    Weights: `reduce_kernel` [1, 1, channels, hidden], `reduce_bias`, `expand_kernel` [1, 1, hidden, channels],
    `expand_bias`.
    """

    def __init__(
        self,
        ratio=None,
        hidden=None,
        activation="relu",
        gate_activation="hard_sigmoid",
        kernel_initializer="glorot_uniform",
        kernel_regularizer=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if ratio is not None and hidden is not None:
            raise ValueError("ratio and hidden are mutually exclusive")
        if gate_activation not in _GATES:
            raise ValueError(f"gate_activation must be one of {', '.join(_GATES)}, received {gate_activation!r}")
        self.hidden = hidden
        self.ratio = 0.25 if hidden is None and ratio is None else ratio
        self.activation, self.gate_activation = activation or "linear", gate_activation
        self.kernel_options = WeightOptions("kernel", kernel_initializer, kernel_regularizer)

    def build_weights(self, channels):
        hidden = self.hidden or _multiple_of_8(channels * self.ratio)
        zeros = WeightOptions("bias", "zeros")
        self.reduce_kernel = self.kernel_options.create(self, "reduce_kernel", [1, 1, channels, hidden])
        self.reduce_bias = zeros.create(self, "reduce_bias", [hidden])
        self.expand_kernel = self.kernel_options.create(self, "expand_kernel", [1, 1, hidden, channels])
        self.expand_bias = zeros.create(self, "expand_bias", [channels])

    def compute(self, images, training):
        x = images[0]
        pooled = ops.mean(x, axis=(1, 2), keepdims=True)
        hidden = activations.get(self.activation)(conv2d(pooled, self.reduce_kernel, self.reduce_bias))
        return x * _GATES[self.gate_activation](conv2d(hidden, self.expand_kernel, self.expand_bias))

    def get_config(self):
        return {
            **super().get_config(),
            "ratio": self.ratio,
            "hidden": self.hidden,
            "activation": self.activation,
            "gate_activation": self.gate_activation,
            **self.kernel_options.config("initializer", "regularizer"),
        }
