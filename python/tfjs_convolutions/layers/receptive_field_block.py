"""Receptive field block."""

from keras import ops

from tfjs_convolutions.layers._base import ConvUnit, is_training, register
from tfjs_convolutions.layers._branch_layer import BranchLayer

# Kernel size, filters from the width of a branch, dilation from `visual`, and 1 if it has the stride of the block.
_TABLE = {
    "rfb": (
        8,
        (
            (((1, 1), lambda w: 2 * w, lambda v: 1, 1), ((3, 3), lambda w: 2 * w, lambda v: v, 0)),
            (
                ((1, 1), lambda w: w, lambda v: 1, 0),
                ((3, 3), lambda w: 2 * w, lambda v: 1, 1),
                ((3, 3), lambda w: 2 * w, lambda v: v + 1, 0),
            ),
            (
                ((1, 1), lambda w: w, lambda v: 1, 0),
                ((3, 3), lambda w: 3 * (w // 2), lambda v: 1, 0),
                ((3, 3), lambda w: 2 * w, lambda v: 1, 1),
                ((3, 3), lambda w: 2 * w, lambda v: 2 * v + 1, 0),
            ),
        ),
    ),
    "rfb-a": (
        4,
        (
            (((1, 1), lambda w: w, lambda v: 1, 1), ((3, 3), lambda w: w, lambda v: 1, 0)),
            (
                ((1, 1), lambda w: w, lambda v: 1, 0),
                ((3, 1), lambda w: w, lambda v: 1, 1),
                ((3, 3), lambda w: w, lambda v: 3, 0),
            ),
            (
                ((1, 1), lambda w: w, lambda v: 1, 0),
                ((1, 3), lambda w: w, lambda v: 1, 1),
                ((3, 3), lambda w: w, lambda v: 3, 0),
            ),
            (
                ((1, 1), lambda w: w // 2, lambda v: 1, 0),
                ((1, 3), lambda w: 3 * (w // 4), lambda v: 1, 0),
                ((3, 1), lambda w: w, lambda v: 1, 1),
                ((3, 3), lambda w: w, lambda v: 5, 0),
            ),
        ),
    ),
}


@register
class ReceptiveFieldBlock(BranchLayer):
    """relu(scale · project(branches) + shortcut) with branches of growing kernels and dilations.

    Weights of each unit `branch_⟨b⟩_conv_⟨i⟩`, `project` and `shortcut`: `⟨unit⟩_kernel`, `_gamma`, `_beta`,
    `_moving_mean`, `_moving_variance`.
    """

    def __init__(self, filters, variant="rfb", strides=1, scale=0.1, visual=1, **kwargs):
        super().__init__(**kwargs)
        if variant not in _TABLE:
            raise ValueError(f"variant must be one of {', '.join(_TABLE)}, received {variant!r}")
        self.filters, self.variant, self.strides, self.scale, self.visual = filters, variant, strides, scale, visual

    def build_weights(self, channels):
        reduction, branches = _TABLE[self.variant]
        width = channels // reduction
        self.branches = [
            tuple(
                ConvUnit(
                    f"branch_{branch}_conv_{index}",
                    max(1, filters(width)),
                    size,
                    self.strides if strided else 1,
                    dilation(self.visual),
                    "linear" if index == len(steps) else "relu",
                )
                for index, (size, filters, dilation, strided) in enumerate(steps, start=1)
            )
            for branch, steps in enumerate(branches, start=1)
        ]
        total = sum(self.build_branch(units, channels) for units in self.branches)
        self.project = (ConvUnit("project", self.filters, activation="linear"),)
        self.build_branch(self.project, total)
        self.shortcut = (ConvUnit("shortcut", self.filters, stride=self.strides, activation="linear"),)
        self.build_branch(self.shortcut, channels)

    def compute(self, images, training):
        x = images[0]
        training = is_training(self, training)
        outputs = ops.concatenate([self.apply_branch(units, x, training) for units in self.branches], axis=-1)
        projected = self.apply_branch(self.project, outputs, training)
        return ops.relu(projected * self.scale + self.apply_branch(self.shortcut, x, training))

    def output_size(self, height, width, channels):
        sizes = [None if size is None else -(-size // self.strides) for size in (height, width)]
        return [*sizes, self.filters]

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "variant": self.variant,
            "strides": self.strides,
            "scale": self.scale,
            "visual": self.visual,
        }
