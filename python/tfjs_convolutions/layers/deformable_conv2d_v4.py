"""DCNv4 block."""

from tfjs_convolutions.functions.convolution import depthwise_conv2d
from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._deformable_block import DeformableBlock, project, to_odd


@register
class DeformableConv2DV4(DeformableBlock):
    """Deformable block, version 4: without softmax; offsets and mask from the input or a depthwise convolution of it."""

    softmax = False

    def __init__(self, depthwise_kernel_size=None, use_pointwise=True, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        size = depthwise_kernel_size
        self.depthwise_kernel_size = None if size is None else to_odd("depthwise_kernel_size", size)
        self.use_pointwise, self.use_bias = use_pointwise, use_bias

    def guide_strides(self):
        return self.strides if self.depthwise_kernel_size is None else [1, 1]

    def build_input(self, channels):
        if self.use_pointwise:
            self.input_projection = self.project_weights("input", channels, channels, self.kernel_options)
        if self.depthwise_kernel_size is not None:
            shape = [*self.depthwise_kernel_size, channels, 1]
            self.depthwise_kernel = self.kernel_options.create(self, "depthwise_kernel", shape)
            self.depthwise_bias = self.zeros.create(self, "depthwise_bias", [channels])

    def build_output(self, channels):
        if self.use_pointwise:
            weights = self.project_weights("output", channels, channels, self.kernel_options, self.use_bias)
            self.output_projection = weights

    def prepare(self, x):
        value = project(x, self.input_projection) if self.use_pointwise else x
        if self.depthwise_kernel_size is None:
            return value, x
        padding = [[size // 2] * 2 for size in self.depthwise_kernel_size]
        return value, depthwise_conv2d(x, self.depthwise_kernel, self.depthwise_bias, self.strides, padding)

    def gate_features(self, samples, guide):
        return samples

    def finish(self, samples):
        return project(samples, self.output_projection) if self.use_pointwise else samples

    def get_config(self):
        return {
            **super().get_config(),
            "depthwise_kernel_size": self.depthwise_kernel_size,
            "use_pointwise": self.use_pointwise,
            "use_bias": self.use_bias,
        }
