"""Channel shuffle."""

from keras import ops

from tfjs_convolutions.layers._base import ImageLayer, register


@register
class ChannelShuffle(ImageLayer):
    """Output channel c · groups + g is input channel g · (channels / groups) + c."""

    def __init__(self, groups, **kwargs):
        super().__init__(**kwargs)
        self.groups = groups

    def compute(self, images, training):
        x = images[0]
        _, height, width, channels = ops.shape(x)
        grouped = ops.reshape(x, [-1, height, width, self.groups, channels // self.groups])
        return ops.reshape(ops.transpose(grouped, [0, 1, 2, 4, 3]), [-1, height, width, channels])

    def output_size(self, height, width, channels):
        if channels % self.groups:
            raise ValueError(f"groups must divide the input channels ({channels}), received {self.groups}")
        return [height, width, channels]

    def get_config(self):
        return {**super().get_config(), "groups": self.groups}
