"""Trains a classifier with Adam, cosine decay and categorical cross-entropy, as the TypeScript `Trainer` does.

Everything random is a function of (seed, epoch, step), and of a global batch each process takes a contiguous slice, so that a
run does not depend on the number of processes, and a resumed one gives the same result bit for bit.
"""

import contextlib
import math
import time
from dataclasses import asdict, dataclass, field

import numpy as np
import torch

from tfjs_convolutions.train.batch_pixels import batch_pixels
from tfjs_convolutions.train.errors import error
from tfjs_convolutions.train.random_streams import permutation
from tfjs_convolutions.train.replicas import Replicas, attach

# Added to a probability before its logarithm.
_FLOOR = 1e-7
# Weights that predict offsets take smaller steps: those of Adam would add up to jumps of whole pixels.
_OFFSET_MULTIPLIER = 0.1
_STEPS_PER_CHECK = 20
_TEST_BATCH = 100


@dataclass
class State:
    """Progress of a run between two steps: sums over the images of the current epoch so far, and finished epochs."""

    epoch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    seen: int = 0
    seconds: float = 0.0
    history: list = field(default_factory=list)


class Trainer:
    """One training run of one model in all processes."""

    def __init__(self, model, data, options, processes):
        self.model, self.data, self.options, self.processes = model, data, options, processes
        self.state = State()
        self.steps_per_epoch = math.ceil(len(data.train.labels) / options.batch)
        self.replicas = Replicas(processes, options.seed)
        self.detach = attach(model, self.replicas)
        self._order = None
        # States of random layers follow from the step.
        self._random = [v for v in model.variables if v.name == "seed_generator_state"]
        self.variables = [v for v in model.variables if v.name != "seed_generator_state"]
        self.trainable = model.trainable_variables
        if not self.trainable:
            raise error("train", "the model must have trainable weights", "weights", 0)
        is_offset = lambda v: v.path.endswith(("/offset_kernel", "/offset_bias"))  # noqa: E731
        self.optimizer = torch.optim.Adam(
            [
                {"params": [v.value for v in self.trainable if is_offset(v) == moves_less], "rate": rate}
                for moves_less, rate in ((False, 1.0), (True, _OFFSET_MULTIPLIER))
            ],
            eps=1e-7,
            betas=(0.9, 0.999),
        )
        self.parallel = processes.parallel(model)

    @property
    def finished(self):
        return self.state.epoch >= self.options.epochs

    def tensors(self):
        """Arrays by name: all weights, and the moments of Adam."""
        arrays = {f"{at}:{v.path}": _array(v.value) for at, v in enumerate(self.variables)}
        for kind in ("exp_avg", "exp_avg_sq"):
            for at, variable in enumerate(self.trainable):
                moment = self.optimizer.state.get(variable.value, {}).get(kind)
                arrays[f"{kind}/{at}"] = np.zeros(variable.shape, "f4") if moment is None else _array(moment)
        return arrays

    def restore(self, state, tensors):
        """Continues from a state; `tensors` are those of `tensors()` in the first process, and ignored in the others."""
        self.state = State(**state)
        steps = self.state.epoch * self.steps_per_epoch + self.state.step
        for variable in self.trainable:
            self.optimizer.state[variable.value] = {
                "step": torch.tensor(float(steps)),
                "exp_avg": torch.zeros_like(variable.value),
                "exp_avg_sq": torch.zeros_like(variable.value),
            }
        values = [v.value.data for v in self.variables]
        for kind in ("exp_avg", "exp_avg_sq"):
            values += [self.optimizer.state[v.value][kind] for v in self.trainable]
        if tensors is not None:
            for value, array in zip(values, tensors.values()):
                value.copy_(torch.from_numpy(array.copy()))
        self.processes.copy_from_first(values)

    def state_values(self):
        """The state as JSON holds it."""
        return asdict(self.state)

    def run(self, interruption, on_step, on_epoch):
        """Trains to the end; returns 0, or the number of the signal that stopped all processes between two steps."""
        self._check_weights()
        if self.processes.size > 1 and not self.finished:
            self._warm_up()
        while not self.finished:
            while self.state.step < self.steps_per_epoch:
                stopped = self._step(interruption)
                if self.state.step % _STEPS_PER_CHECK == 0 or self.state.step == self.steps_per_epoch:
                    self._check_weights()
                on_step(self.state)
                if stopped:
                    return stopped
            loss, accuracy = self.evaluate()
            state = self.state
            record = {
                "epoch": state.epoch + 1,
                "loss": state.loss_sum / state.seen,
                "accuracy": state.correct / state.seen,
                "testLoss": loss,
                "testAccuracy": accuracy,
                "learningRate": self._learning_rate(state.epoch, self.steps_per_epoch - 1),
                "seconds": state.seconds,
            }
            self.state = State(epoch=state.epoch + 1, history=[*state.history, record])
            on_epoch(record)
        return 0

    def evaluate(self):
        """Mean loss and accuracy on the test images, each of which one process takes."""
        test, processes = self.data.test, self.processes
        count = len(test.labels)
        start, stop = (count * rank // processes.size for rank in (processes.rank, processes.rank + 1))
        loss_sum, correct = 0.0, 0
        for first in range(start, stop, _TEST_BATCH):
            indices = np.arange(first, min(first + _TEST_BATCH, stop))
            with torch.no_grad(), self._precision():
                probabilities = self.model(self._tensor(batch_pixels(test.images, indices, self.data.preprocessing)), training=False)
            scores = _score(probabilities, test.labels[indices])
            loss_sum, correct = loss_sum + scores[0], correct + scores[1]
        loss_sum, correct = processes.sums(loss_sum, correct)
        if not math.isfinite(loss_sum):
            rule = "the loss must be finite (the model must end in softmax, with finite weights)"
            raise error("evaluate", rule, "loss", loss_sum)
        return loss_sum / count, correct / count

    def _step(self, interruption):
        """Runs one step; returns the number of a signal that any process got."""
        started, state = time.monotonic(), self.state
        indices, labels = self._batch()
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate(state.epoch, state.step) * group["rate"]
        probabilities = self._backward(indices, labels)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        own = (0.0, 0) if self.replicas.is_idle else _score(probabilities, labels)
        *scores, signals = self.processes.sums(*own, float(interruption.number))
        if not math.isfinite(scores[0]):
            raise error("train", "the loss must stay finite (try a smaller learning rate)", "loss", scores[0])
        state.loss_sum += scores[0]
        state.correct += int(scores[1])
        state.seen += self.replicas.count
        state.seconds += time.monotonic() - started
        state.step += 1
        # All processes got the same signal, or one that is not 0 did.
        return 0 if signals == 0 else int(interruption.number or 15)

    def _batch(self):
        """Indices and labels of this process in the next global batch."""
        state, batch = self.state, self.options.batch
        if self._order is None or self._order[0] != state.epoch:
            self._order = state.epoch, permutation(len(self.data.train.labels), self.options.seed, "shuffle", state.epoch)
        chosen = self._order[1][state.step * batch : (state.step + 1) * batch]
        self.replicas.begin(len(chosen), state.epoch, state.step)
        # A process without an image takes one that does not count.
        start = min(self.replicas.start, len(chosen) - 1)
        own = chosen[start : max(self.replicas.stop, start + 1)]
        return own, self.data.train.labels[own]

    def _backward(self, indices, labels):
        """Computes the gradients of the mean loss of the global batch; returns the probabilities of this process."""
        seed = self.options.seed if self.options.augmentation else None
        data = self.data
        x = self._tensor(batch_pixels(data.train.images, indices, data.preprocessing, seed, self.state.epoch))
        truth = torch.from_numpy(labels.astype(np.int64)).to(self.processes.device)
        self._seed_random_layers()
        with self._precision():
            probabilities = self.parallel(x, training=True)
        picked = probabilities.float().gather(1, truth[:, None])
        # Gradients are averaged over the processes, whose parts of the batch differ in size.
        share = 0 if self.replicas.is_idle else self.processes.size / self.replicas.count
        (-torch.log(picked + _FLOOR).sum() * share).backward()
        return probabilities

    def _seed_random_layers(self):
        for at, variable in enumerate([None, *self._random]):
            seed = self.replicas.seeds(f"random/{at}/{self.processes.rank}")
            if variable is None:
                torch.manual_seed(seed)
            else:
                variable.assign([seed % 2**31, 0])

    def reset_random_layers(self):
        """Gives random layers the state of a new model, which nothing has called."""
        for variable in self._random:
            variable.assign([self.options.seed % 2**31, 0])

    def _warm_up(self):
        """Lets DistributedDataParallel arrange its buckets, which it does after the first step and which decides the order
        of summation: a run that resumes must have the same order from its first step on."""
        kept = [(v.value, v.value.detach().clone()) for v in self.variables if not v.trainable]
        indices, labels = self._batch()
        self._backward(indices, labels)
        self.optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            for value, before in kept:
                value.copy_(before)

    def _check_weights(self):
        for variable in self.variables:
            if not torch.isfinite(variable.value).all():
                place = f"step {self.state.step} of epoch {self.state.epoch + 1}, checked every {_STEPS_PER_CHECK} steps"
                raise error("train", f"all weights must be finite (found at {place})", "weight", variable.path)

    def _learning_rate(self, epoch, step):
        done = (epoch * self.steps_per_epoch + step) / (self.options.epochs * self.steps_per_epoch)
        return self.options.learning_rate * (1 + math.cos(math.pi * done)) / 2

    def _precision(self):
        if self.options.precision == "float32":
            return contextlib.nullcontext()
        return torch.autocast(self.processes.device.type, dtype=torch.bfloat16)

    def _tensor(self, pixels):
        return torch.from_numpy(pixels).to(self.processes.device)


def _array(tensor):
    return tensor.detach().cpu().numpy().astype("f4")


def _score(probabilities, labels):
    """Sum of the cross-entropy, and number of correct predictions."""
    values = probabilities.detach().float().cpu().numpy().astype(np.float64)
    picked = values[np.arange(len(labels)), labels]
    return float(-np.log(picked + _FLOOR).sum()), int((values.argmax(1) == labels).sum())
