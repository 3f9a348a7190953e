"""Convolution with taps apart."""

from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers.conv2d import Conv2D


@register
class DilatedConv2D(Conv2D):
    """A Conv2D with `dilation_rate` 2 and padding 'same' by default."""

    padding_default = "same"
    dilation_default = 2
