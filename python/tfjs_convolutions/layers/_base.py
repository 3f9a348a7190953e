"""Base classes of the layers: data format, padding to channels last, weights and their options."""

import keras
from keras import ops

from tfjs_convolutions import activations
from tfjs_convolutions.functions.convolution import conv2d, depthwise_conv2d
from tfjs_convolutions.functions.moments import moments
from tfjs_convolutions.functions.window import resolve, to_padding, to_pair

register = keras.saving.register_keras_serializable(package=activations.PACKAGE)


class ImageLayer(keras.layers.Layer):
    """Layer over image batches in either data format; inside, they are [n, h, w, c]."""

    def __init__(self, data_format="channels_last", **kwargs):
        super().__init__(**kwargs)
        if data_format not in ("channels_last", "channels_first"):
            raise ValueError(f"data_format must be 'channels_last' or 'channels_first', received {data_format!r}")
        self.data_format = data_format

    def compute(self, images, training):
        """Output of image batches, channels last."""
        raise NotImplementedError

    def output_size(self, height, width, channels):
        """[height, width, channels] of the output; unknown sizes are None."""
        return [height, width, channels]

    def build_weights(self, channels):
        """Creates the weights, if any."""

    def build(self, input_shape):
        self.build_weights(self._last_shape(self._shapes(input_shape)[0])[3])

    def call(self, inputs, training=None):
        images = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        if self.data_format == "channels_first":
            images = [ops.transpose(image, [0, 2, 3, 1]) for image in images]
        result = self.compute(images, bool(training))
        return ops.transpose(result, [0, 3, 1, 2]) if self.data_format == "channels_first" else result

    def compute_output_shape(self, input_shape):
        batch, *size = self._last_shape(self._shapes(input_shape)[0])
        return self._shape_from_last((batch, *self.output_size(*size)))

    def get_config(self):
        return {**super().get_config(), "data_format": self.data_format}

    def _shapes(self, input_shape):
        return input_shape if isinstance(input_shape[0], (list, tuple)) else [input_shape]

    def _last_shape(self, shape):
        if len(shape) != 4:
            raise ValueError(f"layer {self.name!r} takes image batches of rank 4, received the shape {shape}")
        return (shape[0], shape[2], shape[3], shape[1]) if self.data_format == "channels_first" else tuple(shape)

    def _shape_from_last(self, shape):
        return (shape[0], shape[3], shape[1], shape[2]) if self.data_format == "channels_first" else tuple(shape)


class WeightOptions:
    """Initializer, regularizer and constraint of one weight, as three options of a layer."""

    def __init__(self, prefix, initializer, regularizer=None, constraint=None):
        self.prefix = prefix
        self.initializer = keras.initializers.get(initializer)
        self.regularizer = keras.regularizers.get(regularizer)
        self.constraint = keras.constraints.get(constraint)

    def config(self, *kinds):
        kinds = kinds or ("initializer", "regularizer", "constraint")
        modules = {
            "initializer": keras.initializers,
            "regularizer": keras.regularizers,
            "constraint": keras.constraints,
        }
        return {f"{self.prefix}_{kind}": modules[kind].serialize(getattr(self, kind)) for kind in kinds}

    def create(self, layer, name, shape, trainable=True):
        """Creates a weight of a layer."""
        return layer.add_weight(
            name=name,
            shape=tuple(shape),
            initializer=self.initializer,
            regularizer=self.regularizer,
            constraint=self.constraint,
            trainable=trainable,
        )


class BaseConv(ImageLayer):
    """Convolution with a sliding window, bias and activation, whatever its kernels."""

    padding_default = "valid"
    dilation_default = 1

    def __init__(
        self,
        kernel_size=1,
        strides=1,
        padding=None,
        dilation_rate=None,
        activation="linear",
        use_bias=True,
        bias_initializer="zeros",
        bias_regularizer=None,
        bias_constraint=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.kernel_size = to_pair("kernel_size", kernel_size)
        self.strides = to_pair("strides", strides)
        self.padding = to_padding(self.padding_default if padding is None else padding)
        self.dilation_rate = to_pair("dilation_rate", self.dilation_default if dilation_rate is None else dilation_rate)
        self.activation = activation or "linear"
        activations.get(self.activation)
        self.use_bias = use_bias
        self.bias_options = WeightOptions("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.bias = None

    def output_channels(self, channels):
        raise NotImplementedError

    def build_kernels(self, channels):
        """Creates the kernels; the bias comes after them."""
        raise NotImplementedError

    def build_more(self, channels):
        """Creates the weights after the bias, if any."""

    def convolve(self, images, bias, training):
        raise NotImplementedError

    def build_weights(self, channels):
        self.build_kernels(channels)
        if self.use_bias:
            self.bias = self.bias_options.create(self, "bias", [self.output_channels(channels)])
        self.build_more(channels)

    def compute(self, images, training):
        return activations.get(self.activation)(self.convolve(images, self.bias, training))

    def output_size(self, height, width, channels):
        size, _ = resolve((None, height, width), self.kernel_size, self.strides, self.dilation_rate, self.padding)
        return [*size, self.output_channels(channels)]

    def window(self):
        """The window as the functions take it."""
        return {"strides": self.strides, "padding": self.padding, "dilations": self.dilation_rate}

    def window_config(self):
        return {"kernel_size": self.kernel_size, "padding": self.padding, "dilation_rate": self.dilation_rate}

    def get_config(self):
        return {
            **super().get_config(),
            "strides": self.strides,
            "activation": self.activation,
            "use_bias": self.use_bias,
            **self.bias_options.config(),
        }


def moving_statistics(layer, prefix, channels):
    """Creates gamma, beta and the moving statistics of a batch normalization inside a layer."""
    create = lambda name, initializer, trainable: layer.add_weight(  # noqa: E731
        name=f"{prefix}{name}", shape=(channels,), initializer=initializer, trainable=trainable
    )
    return (
        create("gamma", "ones", True),
        create("beta", "zeros", True),
        create("moving_mean", "zeros", False),
        create("moving_variance", "ones", False),
    )


def normalize(x, weights, momentum, epsilon, training, axes=(0, 1, 2)):
    """Normalizes by the statistics of the batch in training, which updates the moving ones, and by the latter otherwise."""
    gamma, beta, moving_mean, moving_variance = weights
    if training:
        mean, variance = moments(x, axes)
        for moving, batch in ((moving_mean, mean), (moving_variance, variance)):
            moving.assign(moving * momentum + ops.stop_gradient(batch) * (1.0 - momentum))
    else:
        mean, variance = ops.convert_to_tensor(moving_mean), ops.convert_to_tensor(moving_variance)
    shape = [1 if axis in axes else -1 for axis in range(len(x.shape))]
    scale = ops.rsqrt(variance + epsilon)
    if gamma is not None:
        scale = scale * gamma
    shift = -mean * scale
    if beta is not None:
        shift = shift + beta
    return x * ops.reshape(scale, shape) + ops.reshape(shift, shape)


def is_training(layer, training):
    """True if a layer uses the statistics of the batch; a frozen one never does."""
    return bool(training) and layer.trainable


def scale_gradient(x, factor):
    """`x`, with its gradient times a factor."""
    x = ops.convert_to_tensor(x)
    return x if factor == 1 else x * factor + ops.stop_gradient(x * (1.0 - factor))


class ConvUnit:
    """Convolution without bias, batch normalization and activation: the unit of layers with several branches.

    It pads half of the dilated kernel on every side. A unit without filters is depthwise.
    """

    def __init__(self, name, filters=None, kernel_size=(1, 1), stride=1, dilation=1, activation="relu"):
        self.name, self.filters, self.kernel_size = name, filters, kernel_size
        self.stride, self.dilation, self.activation = stride, dilation, activation

    def build(self, layer, channels):
        """Creates the weights in a layer; returns the number of output channels."""
        kind = "depthwise_kernel" if self.filters is None else "kernel"
        shape = [*self.kernel_size, channels, 1 if self.filters is None else self.filters]
        self.kernel = layer.kernel_options.create(layer, f"{self.name}_{kind}", shape)
        self.statistics = moving_statistics(layer, f"{self.name}_", self.filters or channels)
        return self.filters or channels

    def apply(self, layer, x, training):
        padding = [[self.dilation * (size - 1) // 2] * 2 for size in self.kernel_size]
        convolve = depthwise_conv2d if self.filters is None else conv2d
        strides, dilations = [self.stride] * 2, [self.dilation] * 2
        y = convolve(x, self.kernel, strides=strides, padding=padding, dilations=dilations)
        y = normalize(y, self.statistics, layer.momentum, layer.epsilon, training)
        return activations.get(self.activation)(y)
