"""Resizing to a given size."""

from tfjs_convolutions.functions.resizing import resize
from tfjs_convolutions.layers._base import ImageLayer, register


@register
class Resizing(ImageLayer):
    """Resizes images to a given size with half-pixel centres."""

    def __init__(self, height, width, interpolation="bilinear", **kwargs):
        super().__init__(**kwargs)
        self.height, self.width, self.interpolation = height, width, interpolation

    def compute(self, images, training):
        return resize(images[0], self.height, self.width, self.interpolation)

    def output_size(self, height, width, channels):
        return [self.height, self.width, channels]

    def get_config(self):
        return {
            **super().get_config(),
            "height": self.height,
            "width": self.width,
            "interpolation": self.interpolation,
        }
