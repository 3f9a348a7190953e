"""Depthwise separable convolution."""

from tfjs_convolutions import activations
from tfjs_convolutions.functions.convolution import conv2d, depthwise_conv2d
from tfjs_convolutions.layers._base import (
    BaseConv,
    WeightOptions,
    is_training,
    moving_statistics,
    normalize,
    register,
)

_MOMENTUM = 0.99
_EPSILON = 1e-3


@register
class DepthwiseSeparableConv2D(BaseConv):
    """A depthwise convolution, then a 1×1 convolution.

    Weights: `depthwise_kernel`, with `mid_batch_normalization` `mid_gamma`, `mid_beta`, `mid_moving_mean` and
    `mid_moving_variance`, then `pointwise_kernel` and `bias`.
    """

    def __init__(
        self,
        filters,
        kernel_size,
        padding_mode="zeros",
        depth_multiplier=1,
        mid_activation="linear",
        mid_batch_normalization=False,
        depthwise_initializer="glorot_uniform",
        depthwise_regularizer=None,
        depthwise_constraint=None,
        pointwise_initializer="glorot_uniform",
        pointwise_regularizer=None,
        pointwise_constraint=None,
        **kwargs,
    ):
        super().__init__(kernel_size=kernel_size, **kwargs)
        self.filters, self.padding_mode, self.depth_multiplier = filters, padding_mode, depth_multiplier
        self.mid_activation, self.mid_batch_normalization = mid_activation or "linear", mid_batch_normalization
        depthwise = (depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        pointwise = (pointwise_initializer, pointwise_regularizer, pointwise_constraint)
        self.depthwise_options = WeightOptions("depthwise", *depthwise)
        self.pointwise_options = WeightOptions("pointwise", *pointwise)
        self.statistics = None

    def output_channels(self, channels):
        return self.filters

    def build_kernels(self, channels):
        between = channels * self.depth_multiplier
        shape = [*self.kernel_size, channels, self.depth_multiplier]
        self.depthwise_kernel = self.depthwise_options.create(self, "depthwise_kernel", shape)
        if self.mid_batch_normalization:
            self.statistics = moving_statistics(self, "mid_", between)
        self.pointwise_kernel = self.pointwise_options.create(self, "pointwise_kernel", [1, 1, between, self.filters])

    def convolve(self, images, bias, training):
        y = depthwise_conv2d(images[0], self.depthwise_kernel, **self.window(), padding_mode=self.padding_mode)
        if self.statistics is not None:
            y = normalize(y, self.statistics, _MOMENTUM, _EPSILON, is_training(self, training))
        return conv2d(activations.get(self.mid_activation)(y), self.pointwise_kernel, bias)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            **self.window_config(),
            "padding_mode": self.padding_mode,
            "depth_multiplier": self.depth_multiplier,
            "mid_activation": self.mid_activation,
            "mid_batch_normalization": self.mid_batch_normalization,
            **self.depthwise_options.config(),
            **self.pointwise_options.config(),
        }
