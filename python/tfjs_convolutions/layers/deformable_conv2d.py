"""Deformable convolution, versions 1 and 2."""

import keras
from keras import ops

from tfjs_convolutions.functions.convolution import conv2d
from tfjs_convolutions.functions.deformation import deform_conv2d
from tfjs_convolutions.layers._base import BaseConv, WeightOptions, register, scale_gradient


@register
class DeformableConv2D(BaseConv):
    """Convolution at predicted sampling locations, with predicted weights if `modulated`.

    Weights: `kernel` [kh, kw, channels / groups, filters] or, with `depthwise`, `depthwise_kernel` [kh, kw, channels,
    multiplier]; `bias`; `offset_kernel` [kh, kw, channels, offset_groups · kh · kw · (2 or 3)] and `offset_bias`: offsets
    first, (offset group, tap, (y, x)), then mask logits. Without `predict_offsets` it is called on [x, offset] or
    [x, offset, mask].
    """

    def __init__(
        self,
        filters=None,
        kernel_size=None,
        groups=1,
        modulated=True,
        mask_activation="sigmoid",
        offset_groups=1,
        depthwise=False,
        depth_multiplier=1,
        predict_offsets=True,
        offset_limit=None,
        offset_learning_rate_multiplier=1,
        offset_initializer="zeros",
        kernel_initializer="glorot_uniform",
        kernel_regularizer=None,
        kernel_constraint=None,
        **kwargs,
    ):
        super().__init__(kernel_size=kernel_size, **kwargs)
        if (filters is None) != depthwise:
            raise ValueError("a depthwise layer has depth_multiplier instead of filters")
        if mask_activation not in ("sigmoid", "double_sigmoid"):
            raise ValueError(f"mask_activation must be 'sigmoid' or 'double_sigmoid', received {mask_activation!r}")
        self.filters, self.groups, self.modulated, self.mask_activation = filters, groups, modulated, mask_activation
        self.offset_groups, self.depthwise, self.depth_multiplier = offset_groups, depthwise, depth_multiplier
        self.predict_offsets, self.offset_limit = predict_offsets, offset_limit
        self.offset_learning_rate_multiplier = offset_learning_rate_multiplier
        self.offset_options = WeightOptions("offset", offset_initializer)
        self.kernel_options = WeightOptions("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)

    def output_channels(self, channels):
        return channels * self.depth_multiplier if self.depthwise else self.filters

    def build_kernels(self, channels):
        for name in ("groups", "offset_groups"):
            if channels % getattr(self, name):
                raise ValueError(f"{name} must divide the input channels ({channels}), received {getattr(self, name)}")
        name = "depthwise_kernel" if self.depthwise else "kernel"
        sizes = [channels, self.depth_multiplier] if self.depthwise else [channels // self.groups, self.filters]
        self.kernel = self.kernel_options.create(self, name, [*self.kernel_size, *sizes])

    def build_more(self, channels):
        if not self.predict_offsets:
            return
        taps = self.offset_groups * self.kernel_size[0] * self.kernel_size[1]
        outputs = taps * (3 if self.modulated else 2)
        shape = [*self.kernel_size, channels, outputs]
        self.offset_kernel = self.offset_options.create(self, "offset_kernel", shape)
        self.offset_bias = self.add_weight(name="offset_bias", shape=(outputs,), initializer="zeros")

    def convolve(self, images, bias, training):
        x = images[0]
        offset, mask = self._predict(x) if self.predict_offsets else (*images[1:], None)[:2]
        if self.offset_limit is not None:
            offset = ops.clip(offset, -self.offset_limit, self.offset_limit)
        channels = x.shape[3]
        kernel = ops.convert_to_tensor(self.kernel)
        if self.depthwise:
            kernel = ops.reshape(kernel, [*self.kernel_size, 1, channels * self.depth_multiplier])
        return deform_conv2d(
            x,
            offset,
            kernel,
            mask,
            bias,
            **self.window(),
            groups=channels if self.depthwise else self.groups,
            offset_groups=self.offset_groups,
        )

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            **self.window_config(),
            "groups": self.groups,
            "modulated": self.modulated,
            "mask_activation": self.mask_activation,
            "offset_groups": self.offset_groups,
            "depthwise": self.depthwise,
            "depth_multiplier": self.depth_multiplier,
            "predict_offsets": self.predict_offsets,
            "offset_limit": self.offset_limit,
            "offset_learning_rate_multiplier": self.offset_learning_rate_multiplier,
            **self.offset_options.config("initializer"),
            **self.kernel_options.config(),
        }

    def _predict(self, x):
        rate = self.offset_learning_rate_multiplier
        kernel, bias = scale_gradient(self.offset_kernel, rate), scale_gradient(self.offset_bias, rate)
        predicted = conv2d(x, kernel, bias, **self.window())
        if not self.modulated:
            return predicted, None
        taps = 2 * self.offset_groups * self.kernel_size[0] * self.kernel_size[1]
        mask = keras.activations.sigmoid(predicted[..., taps:])
        return predicted[..., :taps], mask * 2.0 if self.mask_activation == "double_sigmoid" else mask
