"""Reflect padding."""

from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._pad_layer import PadLayer


@register
class ReflectPad2D(PadLayer):
    """Pads images with their reflection; the border pixels are not repeated."""

    mode = "reflect"
