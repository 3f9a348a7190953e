"""Batch normalization with an activation."""

from tfjs_convolutions import activations
from tfjs_convolutions.layers._base import WeightOptions, is_training, normalize, register

import keras


@register
class BatchNormalization(keras.layers.Layer):
    """As Keras's, followed by `activation`: 'linear', 'relu' or 'relu6'. Weights: `gamma`, `beta`, and the moving ones."""

    def __init__(
        self,
        axis=-1,
        momentum=0.99,
        epsilon=1e-3,
        center=True,
        scale=True,
        activation="linear",
        beta_initializer="zeros",
        gamma_initializer="ones",
        moving_mean_initializer="zeros",
        moving_variance_initializer="ones",
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.axis, self.momentum, self.epsilon, self.center, self.scale = axis, momentum, epsilon, center, scale
        if activation not in ("linear", "relu", "relu6"):
            raise ValueError(f"activation must be 'linear', 'relu' or 'relu6', received {activation!r}")
        self.activation = activation
        self.beta_options = WeightOptions("beta", beta_initializer, beta_regularizer, beta_constraint)
        self.gamma_options = WeightOptions("gamma", gamma_initializer, gamma_regularizer, gamma_constraint)
        self.mean_options = WeightOptions("moving_mean", moving_mean_initializer)
        self.variance_options = WeightOptions("moving_variance", moving_variance_initializer)
        self.supports_masking = True

    def build(self, input_shape):
        shape = [input_shape[self.axis]]
        self.gamma = self.gamma_options.create(self, "gamma", shape) if self.scale else None
        self.beta = self.beta_options.create(self, "beta", shape) if self.center else None
        self.moving_mean = self.mean_options.create(self, "moving_mean", shape, trainable=False)
        self.moving_variance = self.variance_options.create(self, "moving_variance", shape, trainable=False)

    def call(self, inputs, training=None):
        rank = len(inputs.shape)
        axes = tuple(axis for axis in range(rank) if axis != self.axis % rank)
        weights = (self.gamma, self.beta, self.moving_mean, self.moving_variance)
        y = normalize(inputs, weights, self.momentum, self.epsilon, is_training(self, training), axes)
        return activations.get(self.activation)(y)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "activation": self.activation,
            **self.beta_options.config(),
            **self.gamma_options.config(),
            **self.mean_options.config("initializer"),
            **self.variance_options.config("initializer"),
        }
