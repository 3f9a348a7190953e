"""Circular padding."""

from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._pad_layer import PadLayer


@register
class CircularPad2D(PadLayer):
    """Pads images with their opposite side, as if they were tiled."""

    mode = "circular"
