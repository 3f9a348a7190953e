"""Convolution with any padding, groups, dilation and strides."""

from tfjs_convolutions.functions.convolution import conv2d
from tfjs_convolutions.functions.padding import MODES
from tfjs_convolutions.layers._base import BaseConv, WeightOptions, register


class FilterConv(BaseConv):
    """Convolution with a single kernel of `filters` output channels, in groups."""

    def __init__(
        self,
        filters,
        groups=1,
        kernel_initializer="glorot_uniform",
        kernel_regularizer=None,
        kernel_constraint=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if filters % groups:
            raise ValueError(f"groups must divide filters ({filters}), received {groups}")
        self.filters, self.groups = filters, groups
        self.kernel_options = WeightOptions("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)

    def output_channels(self, channels):
        return self.filters

    def kernel_shape(self, channels):
        return [*self.kernel_size, channels // self.groups, self.filters]

    def build_kernels(self, channels):
        if channels % self.groups:
            raise ValueError(f"groups must divide the input channels ({channels}), received {self.groups}")
        self.kernel = self.kernel_options.create(self, "kernel", self.kernel_shape(channels))

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "groups": self.groups,
            **self.kernel_options.config(),
        }


@register
class Conv2D(FilterConv):
    """Convolution. Weights: `kernel` [kh, kw, channels / groups, filters], `bias`."""

    def __init__(self, filters, kernel_size, padding_mode="zeros", **kwargs):
        super().__init__(filters, kernel_size=kernel_size, **kwargs)
        if padding_mode not in MODES:
            raise ValueError(f"padding_mode must be one of {', '.join(MODES)}, received {padding_mode!r}")
        self.padding_mode = padding_mode

    def convolve(self, images, bias, training):
        return conv2d(images[0], self.kernel, bias, **self.window(), padding_mode=self.padding_mode)

    def get_config(self):
        return {**super().get_config(), **self.window_config(), "padding_mode": self.padding_mode}
