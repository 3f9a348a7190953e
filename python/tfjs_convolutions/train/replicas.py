"""Layers that see the global batch: its statistics in batch normalization, and its random masks in dropout."""

import hashlib

import keras
import torch

from tfjs_convolutions.functions import moments


class Replicas:
    """The part of the global batch that one process has."""

    def __init__(self, processes, seed):
        self.processes, self.seed = processes, seed
        self.begin(processes.size, 0, 0)

    def begin(self, count, epoch, step):
        """Starts a step with a global batch of `count` images; this process has those from `start` to `stop`."""
        rank, size = self.processes.rank, self.processes.size
        self.count, self.epoch, self.step = count, epoch, step
        self.start, self.stop = count * rank // size, count * (rank + 1) // size
        counts = [count * (each + 1) // size - count * each // size for each in range(size)]
        self.fractions = [each / count for each in counts]

    @property
    def is_idle(self):
        """True if the batch has no image for this process, which then takes one that does not count."""
        return self.start == self.stop

    def moments(self, x, axes):
        """Mean and variance of the global batch."""
        return _Moments.apply(x, tuple(axes), self)

    def seeds(self, name):
        """A seed of the step for a layer."""
        text = f"{self.seed}/{self.epoch}/{self.step}/{name}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def attach(model, replicas):
    """Lets the layers of a model see the global batch; returns a function that undoes it."""
    moments.replace_moments(replicas.moments)
    changed = []
    for index, layer in enumerate(model._flatten_layers(include_self=False)):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer._moments = _keras_moments(layer, replicas)
            changed.append((layer, "_moments"))
        elif isinstance(layer, keras.layers.Dropout):
            layer.call = _dropout(layer, replicas, index)
            changed.append((layer, "call"))

    def detach():
        moments.replace_moments(None)
        for layer, name in changed:
            delattr(layer, name)

    return detach


class _Moments(torch.autograd.Function):
    """Mean and variance over all processes: one exchange of [2 · channels] forward, and one backward."""

    @staticmethod
    def forward(ctx, x, axes, replicas):
        values = x.detach().to(torch.float32)
        variance, mean = torch.var_mean(values, axes, correction=0)
        parts = replicas.processes.gather(torch.stack([mean, variance]))
        fractions = torch.tensor(replicas.fractions, dtype=parts.dtype, device=parts.device)[:, None]
        means, variances = parts[:, 0], parts[:, 1]
        mean = (means * fractions).sum(0)
        # T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for Computing the Sample Variance" (1983), pairwise form.
        variance = ((variances + (means - mean) ** 2) * fractions).sum(0)
        ctx.axes, ctx.replicas = axes, replicas
        ctx.save_for_backward(x, mean)
        return mean, variance

    @staticmethod
    def backward(ctx, d_mean, d_variance):
        x, mean = ctx.saved_tensors
        replicas = ctx.replicas
        total = replicas.processes.sum_tensor(torch.stack([d_mean, d_variance]))
        if replicas.is_idle:
            return torch.zeros_like(x), None, None
        shape = [1 if axis in ctx.axes else -1 for axis in range(x.dim())]
        positions = x.numel() // mean.numel() / replicas.fractions[replicas.processes.rank]
        d_mean, d_variance = (each.reshape(shape) / positions for each in total)
        return (d_mean + d_variance * 2 * (x - mean.reshape(shape))).to(x.dtype), None, None


def _keras_moments(layer, replicas):
    def of(inputs, mask):
        if mask is not None:
            raise ValueError(f"layer {layer.name!r} is given a mask, which batch normalization of many processes lacks")
        rank = inputs.dim()
        return replicas.moments(inputs, [axis for axis in range(rank) if axis != layer.axis % rank])

    return of


def _dropout(layer, replicas, index):
    """The layer's call; the mask of the global batch is drawn from the step, and this process takes its own part."""
    is_spatial = type(layer).__name__.startswith("SpatialDropout")

    def call(inputs, training=False):
        if not training or layer.rate == 0:
            return inputs
        shape = list(inputs.shape)
        if is_spatial:
            shape = list(layer._get_noise_shape(inputs))
        elif layer.noise_shape is not None:
            shape = [size if given is None else given for given, size in zip(layer.noise_shape, shape)]
        is_per_image = shape[0] == inputs.shape[0]
        if is_per_image:
            shape[0] = replicas.count
        generator = torch.Generator(inputs.device).manual_seed(replicas.seeds(index))
        keep = torch.rand(shape, generator=generator, device=inputs.device) >= layer.rate
        if is_per_image:
            keep = keep[replicas.start : max(replicas.stop, replicas.start + 1)] if not replicas.is_idle else keep[:1]
        return inputs * keep / (1 - layer.rate)

    return call
