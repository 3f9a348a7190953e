"""Spatially separable convolution."""

from tfjs_convolutions import activations
from tfjs_convolutions.functions.convolution import conv2d
from tfjs_convolutions.layers._base import BaseConv, WeightOptions, register


@register
class SpatiallySeparableConv2D(BaseConv):
    """A column of taps to `rank` channels, then a row of taps; the other way round with `order` 'horizontal_first'.

    Weights, in the order of the two: `vertical_kernel` [kh, 1, in, out], `horizontal_kernel` [1, kw, in, out]; `bias`.
    """

    def __init__(
        self,
        filters,
        kernel_size,
        padding_mode="zeros",
        rank=None,
        order="vertical_first",
        mid_activation="linear",
        kernel_initializer="glorot_uniform",
        kernel_regularizer=None,
        kernel_constraint=None,
        **kwargs,
    ):
        super().__init__(kernel_size=kernel_size, **kwargs)
        if order not in ("vertical_first", "horizontal_first"):
            raise ValueError(f"order must be 'vertical_first' or 'horizontal_first', received {order!r}")
        self.filters, self.padding_mode, self.order = filters, padding_mode, order
        self.rank = filters if rank is None else rank
        self.mid_activation = mid_activation or "linear"
        self.kernel_options = WeightOptions("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)

    def output_channels(self, channels):
        return self.filters

    def build_kernels(self, channels):
        names = ("vertical_kernel", "horizontal_kernel")
        create = lambda axis, *sizes: self.kernel_options.create(self, names[axis], [*self._taps(axis), *sizes])  # noqa: E731
        first, second = self._axes()
        self.first = create(first, channels, self.rank)
        self.second = create(second, self.rank, self.filters)

    def convolve(self, images, bias, training):
        first, second = self._axes()
        middle = activations.get(self.mid_activation)(conv2d(images[0], self.first, **self._along(first)))
        return conv2d(middle, self.second, bias, **self._along(second))

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            **self.window_config(),
            "padding_mode": self.padding_mode,
            "rank": self.rank,
            "order": self.order,
            "mid_activation": self.mid_activation,
            **self.kernel_options.config(),
        }

    def _axes(self):
        return (0, 1) if self.order == "vertical_first" else (1, 0)

    def _taps(self, axis):
        return [self.kernel_size[0], 1] if axis == 0 else [1, self.kernel_size[1]]

    def _along(self, axis):
        pick = lambda value, other: [value, other] if axis == 0 else [other, value]  # noqa: E731
        padding = self.padding if isinstance(self.padding, str) else pick(self.padding[axis], [0, 0])
        return {
            "strides": pick(self.strides[axis], 1),
            "dilations": pick(self.dilation_rate[axis], 1),
            "padding": padding,
            "padding_mode": self.padding_mode,
        }
