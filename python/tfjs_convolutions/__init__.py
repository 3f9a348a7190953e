"""The layers of tfjs-convolutions for Keras 3.

Importing the package registers them, so that `keras.saving.load_model` opens the files that `saveKeras` of tfjs-convolutions
writes:

    import keras
    import tfjs_convolutions

    model = keras.saving.load_model("model.keras")
"""

import os
import sys

if "tfjs_convolutions.train" in sys.orig_argv:
    # The program trains on PyTorch, and Keras chooses its backend as it is imported.
    os.environ.setdefault("KERAS_BACKEND", "torch")

from tfjs_convolutions import activations, layers  # noqa: E402
from tfjs_convolutions.layers import *  # noqa: E402, F403

__version__ = "0.1.0"
__all__ = ["activations", "layers", *layers.__all__]
