"""DCNv3 block (InternImage)."""

from keras import ops

from tfjs_convolutions import activations
from tfjs_convolutions.functions.convolution import depthwise_conv2d
from tfjs_convolutions.layers._base import register
from tfjs_convolutions.layers._deformable_block import DeformableBlock, project, to_odd

_EPSILON = 1e-6


@register
class DeformableConv2DV3(DeformableBlock):
    """Deformable block, version 3; offsets and softmax weights are predicted from activation(norm(depthwise(x)))."""

    def __init__(self, depthwise_kernel_size=None, activation="gelu", **kwargs):
        super().__init__(**kwargs)
        size = self.kernel_size if depthwise_kernel_size is None else depthwise_kernel_size
        self.depthwise_kernel_size = to_odd("depthwise_kernel_size", size)
        self.activation = activation or "linear"
        activations.get(self.activation)

    def build_input(self, channels):
        self.input_projection = self.project_weights("input", channels, channels, self.kernel_options)
        shape = [*self.depthwise_kernel_size, channels, 1]
        self.depthwise_kernel = self.kernel_options.create(self, "depthwise_kernel", shape)
        self.depthwise_bias = self.zeros.create(self, "depthwise_bias", [channels])
        self.norm_gamma = self.add_weight(name="norm_gamma", shape=(channels,), initializer="ones")
        self.norm_beta = self.zeros.create(self, "norm_beta", [channels])

    def build_output(self, channels):
        self.output_projection = self.project_weights("output", channels, channels, self.kernel_options)

    def prepare(self, x):
        padding = [[size // 2] * 2 for size in self.depthwise_kernel_size]
        features = depthwise_conv2d(x, self.depthwise_kernel, self.depthwise_bias, self.strides, padding)
        mean = ops.mean(features, axis=-1, keepdims=True)
        variance = ops.mean(ops.square(features - mean), axis=-1, keepdims=True)
        normal = (features - mean) * ops.rsqrt(variance + _EPSILON)
        guide = activations.get(self.activation)(normal * self.norm_gamma + self.norm_beta)
        return project(x, self.input_projection), guide

    def gate_features(self, samples, guide):
        return guide

    def finish(self, samples):
        return project(samples, self.output_projection)

    def get_config(self):
        return {
            **super().get_config(),
            "depthwise_kernel_size": self.depthwise_kernel_size,
            "activation": self.activation,
        }
