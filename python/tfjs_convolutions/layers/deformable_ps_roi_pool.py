"""Deformable position-sensitive RoI pooling."""

from tfjs_convolutions.functions.regions import deform_ps_roi_pool
from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._roi_layer import DeformableRoILayer


@register
class DeformablePSRoIPool(DeformableRoILayer):
    """Averages samples of its own channels in bins that move by trans_std · (size of the box) · offset."""

    def __init__(
        self,
        output_dim,
        pooled_size,
        group_size=None,
        part_size=None,
        classes=1,
        samples_per_part=4,
        trans_std=0.1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.output_dim, self.pooled_size, self.classes = output_dim, pooled_size, classes
        self.group_size = pooled_size if group_size is None else group_size
        self.part_size = pooled_size if part_size is None else part_size
        self.samples_per_part, self.trans_std = samples_per_part, trans_std
        self.bins = [pooled_size, pooled_size]

    def offset_shape(self):
        return [self.part_size, self.part_size, self.classes * 2]

    def pool_at(self, x, boxes, indices, offset):
        sizes = (self.output_dim, self.pooled_size, self.group_size, self.part_size)
        scales = (self.samples_per_part, self.spatial_scale, self.trans_std)
        return deform_ps_roi_pool(x, boxes, indices, offset, *sizes, *scales)

    def output_channels(self, channels):
        return self.output_dim

    def get_config(self):
        return {
            **super().get_config(),
            "output_dim": self.output_dim,
            "pooled_size": self.pooled_size,
            "group_size": self.group_size,
            "part_size": self.part_size,
            "classes": self.classes,
            "samples_per_part": self.samples_per_part,
            "trans_std": self.trans_std,
        }
