"""RoIAlign."""

from tfjs_convolutions.functions.regions import roi_align
from tfjs_convolutions.functions.window import to_pair
from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._roi_layer import RoILayer


@register
class RoIAlign(RoILayer):
    """Averages bilinear samples over the bins of every box; as torchvision's, with boxes (y1, x1, y2, x2)."""

    def __init__(self, output_size, sampling_ratio=0, aligned=False, **kwargs):
        super().__init__(**kwargs)
        self.bins = to_pair("output_size", output_size)
        self.sampling_ratio, self.aligned = sampling_ratio, aligned

    def pool(self, x, boxes, indices, offset):
        return roi_align(x, boxes, indices, self.bins, self.spatial_scale, self.sampling_ratio, self.aligned)

    def get_config(self):
        return {
            **super().get_config(),
            "output_size": self.bins,
            "sampling_ratio": self.sampling_ratio,
            "aligned": self.aligned,
        }
