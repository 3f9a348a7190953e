"""1×1 convolution."""

from tfjs_convolutions.functions.convolution import conv2d
from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers.conv2d import FilterConv


@register
class PointwiseConv2D(FilterConv):
    """Convolution with one tap. Weights: `kernel` [1, 1, channels / groups, filters], `bias`."""

    def convolve(self, images, bias, training):
        return conv2d(images[0], self.kernel, bias, strides=self.strides)
