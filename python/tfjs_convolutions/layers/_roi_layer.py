"""Base class of the region layers: inputs [features, boxes, box indices], and a grid of bins per box as output."""

import keras
from keras import ops

from tfjs_convolutions.layers._base import WeightOptions, scale_gradient


class RoILayer(keras.layers.Layer):
    """Reduces every box of a feature map to a grid of bins."""

    def __init__(self, spatial_scale=1, data_format="channels_last", **kwargs):
        super().__init__(**kwargs)
        if data_format not in ("channels_last", "channels_first"):
            raise ValueError(f"data_format must be 'channels_last' or 'channels_first', received {data_format!r}")
        self.spatial_scale, self.data_format = spatial_scale, data_format

    def pool(self, x, boxes, indices, offset):
        """[k, bins, channels] of features, channels last."""
        raise NotImplementedError

    def output_channels(self, channels):
        return channels

    def build_weights(self, channels):
        """Creates the weights, if any."""

    def build(self, input_shape):
        self.build_weights(input_shape[0][1 if self.data_format == "channels_first" else 3])

    def call(self, inputs):
        x, boxes, indices, *offset = inputs
        last = lambda images: ops.transpose(images, [0, 2, 3, 1]) if self._is_first() else images  # noqa: E731
        result = self.pool(last(x), boxes, indices, last(offset[0]) if offset else None)
        return ops.transpose(result, [0, 3, 1, 2]) if self._is_first() else result

    def compute_output_shape(self, input_shape):
        features, boxes = input_shape[0], input_shape[1]
        channels = self.output_channels(features[1 if self._is_first() else 3])
        bins = tuple(self.bins)
        return (boxes[0], channels, *bins) if self._is_first() else (boxes[0], *bins, channels)

    def get_config(self):
        return {**super().get_config(), "spatial_scale": self.spatial_scale, "data_format": self.data_format}

    def _is_first(self):
        return self.data_format == "channels_first"


class DeformableRoILayer(RoILayer):
    """Moves its bins by offsets that dense layers predict from the bins where they are at first.

    Weights: `offset_hidden_⟨i⟩_kernel` and `_bias` for each of `offset_units`, then `offset_kernel` and `offset_bias`.
    Without `predict_offsets` there are none, and the offsets are a fourth input, or none.
    """

    def __init__(
        self,
        predict_offsets=True,
        offset_units=(1024, 1024),
        offset_initializer="zeros",
        offset_learning_rate_multiplier=1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.predict_offsets, self.offset_units = predict_offsets, list(offset_units)
        self.offset_learning_rate_multiplier = offset_learning_rate_multiplier
        self.offset_options = WeightOptions("offset", offset_initializer)

    def offset_shape(self):
        """Shape of the offsets of one box."""
        raise NotImplementedError

    def pool_at(self, x, boxes, indices, offset):
        raise NotImplementedError

    def build_weights(self, channels):
        if not self.predict_offsets:
            return
        hidden, zeros = WeightOptions("hidden", "glorot_uniform"), WeightOptions("bias", "zeros")
        bins = self.bins[0] * self.bins[1] * self.output_channels(channels)
        height, width, depth = self.offset_shape()
        widths = [bins, *self.offset_units, height * width * depth]
        self.dense = []
        for index, (before, after) in enumerate(zip(widths[:-1], widths[1:], strict=True), start=1):
            is_last = index == len(widths) - 1
            name = "offset" if is_last else f"offset_hidden_{index}"
            options = self.offset_options if is_last else hidden
            kernel = options.create(self, f"{name}_kernel", [before, after])
            self.dense.append((kernel, zeros.create(self, f"{name}_bias", [after])))

    def pool(self, x, boxes, indices, offset):
        if self.predict_offsets:
            features = self.pool_at(x, boxes, indices, None)
            inputs = self.dense[0][0].shape[0]
            features = ops.reshape(features, [-1, inputs])
            for index, weights in enumerate(self.dense, start=1):
                kernel, bias = (scale_gradient(each, self.offset_learning_rate_multiplier) for each in weights)
                features = ops.matmul(features, kernel) + bias
                features = features if index == len(self.dense) else ops.relu(features)
            offset = ops.reshape(features, [-1, *self.offset_shape()])
        return self.pool_at(x, boxes, indices, offset)

    def get_config(self):
        return {
            **super().get_config(),
            "predict_offsets": self.predict_offsets,
            "offset_units": self.offset_units,
            **self.offset_options.config("initializer"),
            "offset_learning_rate_multiplier": self.offset_learning_rate_multiplier,
        }
