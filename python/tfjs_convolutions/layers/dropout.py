"""Dropout."""

import keras

from tfjs_convolutions.layers._base import register


@register
class Dropout(keras.layers.Dropout):
    """As Keras's; its masks are other ones than those of TensorFlow.js."""
