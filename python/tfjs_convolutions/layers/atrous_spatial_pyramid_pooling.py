"""Atrous spatial pyramid pooling."""

from keras import ops

from tfjs_convolutions.layers._base import ConvUnit, is_training, register
from tfjs_convolutions.layers._branch_layer import BranchLayer


@register
class AtrousSpatialPyramidPooling(BranchLayer):
    """A 1×1 convolution, a 3×3 one for each rate, and the image mean, concatenated and projected; DeepLabV3's.

    Weights of each branch `point`, `rate_⟨r⟩` (`rate_⟨r⟩_depthwise` and `rate_⟨r⟩_pointwise` if separable), `pool` and
    `project`: `⟨branch⟩_kernel`, `_gamma`, `_beta`, `_moving_mean`, `_moving_variance`.
    """

    def __init__(self, filters=256, rates=(6, 12, 18), separable=False, image_pooling=True, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.rates, self.separable, self.image_pooling = filters, list(rates), separable, image_pooling

    def build_weights(self, channels):
        self.branches = [(ConvUnit("point", self.filters),), *(self._units(rate) for rate in self.rates)]
        for units in self.branches:
            self.build_branch(units, channels)
        if self.image_pooling:
            self.pool = (ConvUnit("pool", self.filters),)
            self.build_branch(self.pool, channels)
        self.project = (ConvUnit("project", self.filters),)
        self.build_branch(self.project, (len(self.branches) + int(self.image_pooling)) * self.filters)

    def compute(self, images, training):
        x = images[0]
        training = is_training(self, training)
        outputs = [self.apply_branch(units, x, training) for units in self.branches]
        if self.image_pooling:
            pooled = self.apply_branch(self.pool, ops.mean(x, axis=(1, 2), keepdims=True), training)
            outputs.append(pooled * ops.ones_like(x[:1, :, :, :1]))
        return self.apply_branch(self.project, ops.concatenate(outputs, axis=-1), training)

    def output_size(self, height, width, channels):
        return [height, width, self.filters]

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "rates": self.rates,
            "separable": self.separable,
            "image_pooling": self.image_pooling,
        }

    def _units(self, rate):
        atrous = {"kernel_size": (3, 3), "dilation": rate}
        if not self.separable:
            return (ConvUnit(f"rate_{rate}", self.filters, **atrous),)
        return ConvUnit(f"rate_{rate}_depthwise", **atrous), ConvUnit(f"rate_{rate}_pointwise", self.filters)
