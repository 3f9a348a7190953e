"""Cropping to the size of another image."""

from keras import ops

from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._like_layer import LikeLayer


@register
class CropLike(LikeLayer):
    """Crops the first input at the bottom and right to the height and width of the second."""

    def compute(self, images, training):
        x, like = images
        shape = ops.shape(like)
        return x[:, : shape[1], : shape[2], :]
