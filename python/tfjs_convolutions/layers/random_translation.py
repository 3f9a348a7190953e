"""Random translations of images in training."""

import keras

from tfjs_convolutions.layers._base import register


@register
class RandomTranslation(keras.layers.RandomTranslation):
    """As Keras's; its random numbers are other ones than those of TensorFlow.js."""
