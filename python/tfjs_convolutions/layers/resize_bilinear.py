"""Resizing to the size of another image."""

from keras import ops

from tfjs_convolutions.functions.resizing import resize
from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._like_layer import LikeLayer


@register
class ResizeBilinear(LikeLayer):
    """Resizes the first input to the height and width of the second, bilinearly with half-pixel centres."""

    def compute(self, images, training):
        shape = ops.shape(images[1])
        return resize(images[0], shape[1], shape[2], "bilinear")
