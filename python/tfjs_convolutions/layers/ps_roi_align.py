"""Position-sensitive RoIAlign."""

from tfjs_convolutions.functions.regions import roi_align
from tfjs_convolutions.functions.window import to_pair
from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._roi_layer import RoILayer


@register
class PSRoIAlign(RoILayer):
    """Averages bilinear samples of its own channels in every bin."""

    def __init__(self, output_size, sampling_ratio=0, **kwargs):
        super().__init__(**kwargs)
        self.bins, self.sampling_ratio = to_pair("output_size", output_size), sampling_ratio

    def pool(self, x, boxes, indices, offset):
        return roi_align(x, boxes, indices, self.bins, self.spatial_scale, self.sampling_ratio, True, True)

    def output_channels(self, channels):
        return channels // (self.bins[0] * self.bins[1])

    def get_config(self):
        return {**super().get_config(), "output_size": self.bins, "sampling_ratio": self.sampling_ratio}
