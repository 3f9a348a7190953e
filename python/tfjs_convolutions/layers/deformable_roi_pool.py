"""Deformable RoI pooling."""

from tfjs_convolutions.functions.regions import deform_roi_pool
from tfjs_convolutions.functions.window import to_pair
from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._roi_layer import DeformableRoILayer


@register
class DeformableRoIPool(DeformableRoILayer):
    """Averages bilinear samples in bins that move by gamma · (size of the box) · offset."""

    def __init__(self, output_size, sampling_ratio=0, gamma=0.1, **kwargs):
        super().__init__(**kwargs)
        self.bins = to_pair("output_size", output_size)
        self.sampling_ratio, self.gamma = sampling_ratio, gamma

    def offset_shape(self):
        return [*self.bins, 2]

    def pool_at(self, x, boxes, indices, offset):
        options = (self.bins, self.spatial_scale, self.sampling_ratio, self.gamma)
        return deform_roi_pool(x, boxes, indices, offset, *options)

    def get_config(self):
        return {
            **super().get_config(),
            "output_size": self.bins,
            "sampling_ratio": self.sampling_ratio,
            "gamma": self.gamma,
        }
