"""Convolution in groups of channels."""

from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers.conv2d import Conv2D


@register
class GroupedConv2D(Conv2D):
    """A Conv2D with `groups` required."""

    def __init__(self, filters, kernel_size, groups, **kwargs):
        super().__init__(filters, kernel_size, groups=groups, **kwargs)
