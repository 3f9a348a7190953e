"""Base class of the pooling layers."""

from tfjs_convolutions.functions.window import resolve, to_padding, to_pair
from tfjs_convolutions.layers._base import ImageLayer


class PoolLayer(ImageLayer):
    """Pooling over a sliding window of every channel."""

    def __init__(self, pool_size=2, strides=None, padding="valid", **kwargs):
        super().__init__(**kwargs)
        self.pool_size = to_pair("pool_size", pool_size)
        self.strides = to_pair("strides", self.pool_size if strides is None else strides)
        self.padding = to_padding(padding)

    def pads(self, shape):
        return resolve(shape, self.pool_size, self.strides, [1, 1], self.padding)[1]

    def output_size(self, height, width, channels):
        size, _ = resolve((None, height, width), self.pool_size, self.strides, [1, 1], self.padding)
        return [*size, channels]

    def get_config(self):
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
        }
