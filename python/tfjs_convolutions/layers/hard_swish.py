"""Hard swish."""

import keras

from tfjs_convolutions import activations
from tfjs_convolutions.layers._base import register


@register
class HardSwish(keras.layers.Layer):
    """`x relu6(x + 3) / 6`."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs):
        return activations.hard_swish(inputs)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)
