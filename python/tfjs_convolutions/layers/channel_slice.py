"""Channel slice."""

from tfjs_convolutions.layers._base import ImageLayer, register


@register
class ChannelSlice(ImageLayer):
    """Takes `size` consecutive channels from channel `start`."""

    def __init__(self, size, start=0, **kwargs):
        super().__init__(**kwargs)
        self.start, self.size = start, size

    def compute(self, images, training):
        return images[0][..., self.start : self.start + self.size]

    def output_size(self, height, width, channels):
        if self.start + self.size > channels:
            raise ValueError(f"start + size must be at most the number of input channels ({channels})")
        return [height, width, self.size]

    def get_config(self):
        return {**super().get_config(), "start": self.start, "size": self.size}
