"""Base class of the layers with several branches."""

from tfjs_convolutions.layers._base import ImageLayer, WeightOptions


class BranchLayer(ImageLayer):
    """Parallel sequences of convolutions with batch normalization."""

    def __init__(
        self,
        momentum=0.99,
        epsilon=1e-5,
        kernel_initializer="glorot_uniform",
        kernel_regularizer=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.momentum, self.epsilon = momentum, epsilon
        self.kernel_options = WeightOptions("kernel", kernel_initializer, kernel_regularizer)

    def build_branch(self, units, channels):
        """Creates the weights of a sequence of units; returns the number of its output channels."""
        for unit in units:
            channels = unit.build(self, channels)
        return channels

    def apply_branch(self, units, x, training):
        for unit in units:
            x = unit.apply(self, x, training)
        return x

    def get_config(self):
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            **self.kernel_options.config("initializer", "regularizer"),
        }
