"""Base class of the DCNv3 and DCNv4 blocks: projections, and sampling at predicted locations with predicted weights."""

import keras
from keras import ops

from tfjs_convolutions.functions.convolution import conv2d
from tfjs_convolutions.functions.deformation import deform_conv2d_v3
from tfjs_convolutions.functions.window import resolve, to_pair
from tfjs_convolutions.layers._base import ImageLayer, WeightOptions


def to_odd(name, value):
    pair = to_pair(name, value)
    if any(size % 2 == 0 for size in pair):
        raise ValueError(f"{name} must be odd, received {pair}")
    return pair


class DeformableBlock(ImageLayer):
    """Deformable block; offsets and mask are 1×1 convolutions of guide features."""

    softmax = True

    def __init__(
        self,
        kernel_size=3,
        strides=1,
        dilation_rate=1,
        groups=4,
        offset_scale=1,
        remove_center=False,
        center_feature_scale=False,
        kernel_initializer="glorot_uniform",
        kernel_regularizer=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.kernel_size = to_odd("kernel_size", kernel_size)
        self.strides = to_pair("strides", strides)
        self.dilation_rate = to_pair("dilation_rate", dilation_rate)
        self.groups, self.offset_scale, self.remove_center = groups, offset_scale, remove_center
        self.center_feature_scale = center_feature_scale
        if center_feature_scale and max(self.strides) > 1:
            raise ValueError(f"center_feature_scale requires strides of 1, received {self.strides}")
        self.kernel_options = WeightOptions("kernel", kernel_initializer, kernel_regularizer)
        self.zeros = WeightOptions("zeros", "zeros")

    def build_input(self, channels):
        """Creates the weights before those of offsets and mask."""

    def build_output(self, channels):
        """Creates the weights after those of offsets and mask."""

    def guide_strides(self):
        """Strides from the guide features to the output."""
        return [1, 1]

    def prepare(self, x):
        """The features to sample, and the guide features."""
        raise NotImplementedError

    def gate_features(self, samples, guide):
        raise NotImplementedError

    def finish(self, samples):
        raise NotImplementedError

    def build_weights(self, channels):
        if channels % self.groups:
            raise ValueError(f"groups must divide the input channels ({channels}), received {self.groups}")
        self.build_input(channels)
        taps = self.groups * (self.kernel_size[0] * self.kernel_size[1] - (1 if self.remove_center else 0))
        self.offset = self.project_weights("offset", channels, taps * 2, self.zeros)
        self.mask = self.project_weights("mask", channels, taps, self.zeros)
        if self.center_feature_scale:
            self.center = self.project_weights("center", channels, self.groups, self.zeros)
        self.build_output(channels)

    def compute(self, images, training):
        value, guide = self.prepare(images[0])
        samples = deform_conv2d_v3(
            value,
            project(guide, self.offset, self.guide_strides()),
            project(guide, self.mask, self.guide_strides()),
            self.kernel_size,
            self.strides,
            self.dilation_rate,
            self.groups,
            self.offset_scale,
            self.remove_center,
            self.softmax,
        )
        if self.center_feature_scale:
            gate = keras.activations.sigmoid(project(self.gate_features(samples, guide), self.center))
            channels = value.shape[3]
            grouped = [-1, self.groups, channels // self.groups]
            sampled, center = ops.reshape(samples, grouped), ops.reshape(value, grouped)
            mixed = sampled + (center - sampled) * ops.reshape(gate, [-1, self.groups, 1])
            samples = ops.reshape(mixed, ops.shape(samples))
        return self.finish(samples)

    def output_size(self, height, width, channels):
        padding = [[self.dilation_rate[axis] * (self.kernel_size[axis] - 1) // 2] * 2 for axis in (0, 1)]
        size, _ = resolve((None, height, width), self.kernel_size, self.strides, self.dilation_rate, padding)
        return [*size, channels]

    def project_weights(self, name, channels, outputs, options, use_bias=True):
        """Weights of a 1×1 convolution: kernel, and bias or None."""
        kernel = options.create(self, f"{name}_kernel", [1, 1, channels, outputs])
        return kernel, self.zeros.create(self, f"{name}_bias", [outputs]) if use_bias else None

    def get_config(self):
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "offset_scale": self.offset_scale,
            "remove_center": self.remove_center,
            "center_feature_scale": self.center_feature_scale,
            **self.kernel_options.config("initializer", "regularizer"),
        }


def project(x, weights, strides=(1, 1)):
    """1×1 convolution."""
    return conv2d(x, *weights, strides=list(strides))
