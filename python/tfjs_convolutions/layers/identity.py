"""Identity."""

import keras

from tfjs_convolutions.layers._base import register


@register
class Identity(keras.layers.Identity):
    """Returns its input."""
