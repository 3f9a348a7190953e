"""Base class of the padding layers."""

from tfjs_convolutions.functions.padding import pad_image
from tfjs_convolutions.functions.window import to_padding
from tfjs_convolutions.layers._base import ImageLayer


class PadLayer(ImageLayer):
    """Pads height and width in a fixed mode."""

    mode = "zeros"

    def __init__(self, padding=1, **kwargs):
        super().__init__(**kwargs)
        if isinstance(padding, str):
            raise ValueError(f"padding must be numbers of pixels, received {padding!r}")
        self.padding = to_padding(padding)

    def compute(self, images, training):
        return pad_image(images[0], self.padding, self.mode)

    def output_size(self, height, width, channels):
        sizes = [
            None if size is None else size + sum(sides) for size, sides in zip((height, width), self.padding, strict=True)
        ]
        return [*sizes, channels]

    def get_config(self):
        return {**super().get_config(), "padding": self.padding}
