"""The layers of tfjs-convolutions for Keras 3.

Importing the package registers them, so that `keras.saving.load_model` opens the files that `saveKeras` of tfjs-convolutions
writes:

    import keras
    import tfjs_convolutions

    model = keras.saving.load_model("model.keras")
"""

from tfjs_convolutions import activations, layers
from tfjs_convolutions.layers import *  # noqa: F403

__version__ = "0.1.0"
__all__ = ["activations", "layers", *layers.__all__]
