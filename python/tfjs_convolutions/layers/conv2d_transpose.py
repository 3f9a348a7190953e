"""Transposed convolution."""

from tfjs_convolutions.functions.convolution import conv2d_transpose
from tfjs_convolutions.functions.window import resolve_transposed_axis, to_pair
from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers.conv2d import FilterConv


@register
class Conv2DTranspose(FilterConv):
    """Transposed convolution. Weights: `kernel` [kh, kw, filters / groups, channels], `bias`."""

    def __init__(self, filters, kernel_size, output_padding=None, **kwargs):
        super().__init__(filters, kernel_size=kernel_size, **kwargs)
        self.output_padding = None if output_padding is None else to_pair("output_padding", output_padding, 0)

    def kernel_shape(self, channels):
        return [*self.kernel_size, self.filters // self.groups, channels]

    def convolve(self, images, bias, training):
        return conv2d_transpose(
            images[0], self.kernel, bias, **self.window(), output_padding=self.output_padding, groups=self.groups
        )

    def output_size(self, height, width, channels):
        sizes = [
            resolve_transposed_axis(
                size,
                self.kernel_size[axis],
                self.strides[axis],
                self.dilation_rate[axis],
                self.padding,
                axis,
                self.output_padding,
            )[0]
            for axis, size in enumerate((height, width))
        ]
        return [*sizes, self.filters]

    def get_config(self):
        return {**super().get_config(), **self.window_config(), "output_padding": self.output_padding}
