"""Crop of the centre of images."""

import keras

from tfjs_convolutions.layers._base import register


@register
class CenterCrop(keras.layers.CenterCrop):
    """As Keras's."""
