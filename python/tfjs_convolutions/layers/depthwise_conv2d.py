"""Depthwise convolution."""

from tfjs_convolutions.functions.convolution import depthwise_conv2d
from tfjs_convolutions.layers._base import BaseConv, WeightOptions, register


@register
class DepthwiseConv2D(BaseConv):
    """Convolves every channel with its own kernels. Weights: `depthwise_kernel` [kh, kw, channels, multiplier], `bias`."""

    def __init__(
        self,
        kernel_size,
        padding_mode="zeros",
        depth_multiplier=1,
        depthwise_initializer="glorot_uniform",
        depthwise_regularizer=None,
        depthwise_constraint=None,
        **kwargs,
    ):
        super().__init__(kernel_size=kernel_size, **kwargs)
        self.padding_mode, self.depth_multiplier = padding_mode, depth_multiplier
        options = (depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self.depthwise_options = WeightOptions("depthwise", *options)

    def output_channels(self, channels):
        return channels * self.depth_multiplier

    def build_kernels(self, channels):
        shape = [*self.kernel_size, channels, self.depth_multiplier]
        self.depthwise_kernel = self.depthwise_options.create(self, "depthwise_kernel", shape)

    def convolve(self, images, bias, training):
        window = {**self.window(), "padding_mode": self.padding_mode}
        return depthwise_conv2d(images[0], self.depthwise_kernel, bias, **window)

    def get_config(self):
        return {
            **super().get_config(),
            **self.window_config(),
            "padding_mode": self.padding_mode,
            "depth_multiplier": self.depth_multiplier,
            **self.depthwise_options.config(),
        }
