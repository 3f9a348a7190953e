"""Average pooling."""

from keras import ops

from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._pool_layer import PoolLayer


@register
class AveragePooling2D(PoolLayer):
    """Average of the pixels in each window, not counting padding."""

    def compute(self, images, training):
        x = images[0]
        pads = self.pads(ops.shape(x))
        pool = lambda y: ops.average_pool(  # noqa: E731
            ops.pad(y, [[0, 0], *pads, [0, 0]]), tuple(self.pool_size), tuple(self.strides), "valid", "channels_last"
        )
        return pool(x) / pool(ops.ones_like(x[:1, :, :, :1]))
