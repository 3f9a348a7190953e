"""Normalization by given statistics."""

import keras

from tfjs_convolutions.layers._base import register


@register
class Normalization(keras.layers.Normalization):
    """As Keras's."""
