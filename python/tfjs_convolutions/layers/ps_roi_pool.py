"""Position-sensitive RoI pooling."""

from tfjs_convolutions.functions.regions import ps_roi_pool
from tfjs_convolutions.functions.window import to_pair
from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._roi_layer import RoILayer


@register
class PSRoIPool(RoILayer):
    """Averages the whole pixels of its own channels in every bin."""

    def __init__(self, output_size, **kwargs):
        super().__init__(**kwargs)
        self.bins = to_pair("output_size", output_size)

    def pool(self, x, boxes, indices, offset):
        return ps_roi_pool(x, boxes, indices, self.bins, self.spatial_scale)

    def output_channels(self, channels):
        return channels // (self.bins[0] * self.bins[1])

    def get_config(self):
        return {**super().get_config(), "output_size": self.bins}
