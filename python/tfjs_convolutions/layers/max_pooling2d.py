"""Max pooling."""

from keras import ops

from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._pool_layer import PoolLayer


@register
class MaxPooling2D(PoolLayer):
    """Maximum of each window, not counting padding."""

    def compute(self, images, training):
        x = images[0]
        pads = self.pads(ops.shape(x))
        x = ops.pad(x, [[0, 0], *pads, [0, 0]], constant_values=float("-inf"))
        return ops.max_pool(x, tuple(self.pool_size), tuple(self.strides), "valid", "channels_last")
