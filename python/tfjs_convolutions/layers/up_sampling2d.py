"""Upsampling by integer factors."""

from keras import ops

from tfjs_convolutions.functions.resizing import resize
from tfjs_convolutions.functions.window import to_pair
from tfjs_convolutions.layers._base import ImageLayer, register


@register
class UpSampling2D(ImageLayer):
    """Repeats rows and columns, or interpolates bilinearly with half-pixel centres."""

    def __init__(self, size=2, interpolation="nearest", **kwargs):
        super().__init__(**kwargs)
        self.size, self.interpolation = to_pair("size", size), interpolation

    def compute(self, images, training):
        x = images[0]
        if self.interpolation == "nearest":
            return ops.repeat(ops.repeat(x, self.size[0], axis=1), self.size[1], axis=2)
        shape = ops.shape(x)
        return resize(x, shape[1] * self.size[0], shape[2] * self.size[1], self.interpolation)

    def output_size(self, height, width, channels):
        sizes = [None if each is None else each * factor for each, factor in zip((height, width), self.size, strict=True)]
        return [*sizes, channels]

    def get_config(self):
        return {**super().get_config(), "size": self.size, "interpolation": self.interpolation}
