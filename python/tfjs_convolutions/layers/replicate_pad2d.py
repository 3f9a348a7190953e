"""Replicate padding."""

from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._pad_layer import PadLayer


@register
class ReplicatePad2D(PadLayer):
    """Pads images with their border pixels."""

    mode = "replicate"
