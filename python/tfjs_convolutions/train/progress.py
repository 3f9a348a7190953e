"""Lines of progress on the first process, as the TypeScript command prints them."""

import time

# Seconds between two lines within an epoch.
_INTERVAL = 15


class Progress:
    """Prints the state of a run from time to time."""

    def __init__(self, epochs, steps_per_epoch):
        self.epochs, self.steps_per_epoch = epochs, steps_per_epoch
        self.started = self.last = time.monotonic()
        self.steps = 0

    def step(self, state):
        """Called after every step."""
        self.steps += 1
        now = time.monotonic()
        if state.step < self.steps_per_epoch and now - self.last < _INTERVAL:
            return
        self.last = now
        done = state.epoch * self.steps_per_epoch + state.step
        left = (self.epochs * self.steps_per_epoch - done) * (now - self.started) / self.steps
        position = f"epoch {state.epoch + 1}/{self.epochs} step {state.step}/{self.steps_per_epoch}"
        speed = f"{state.seen / max(state.seconds, 1e-9):.0f} images/s, {duration(left)} left"
        accuracy = percent(state.correct / state.seen, 1)
        say(f"{position}: loss {state.loss_sum / state.seen:.3f}, accuracy {accuracy}, {speed}")

    def epoch(self, record):
        """Called after every epoch."""
        accuracy = percent(record["testAccuracy"], 2)
        say(f"  after epoch {record['epoch']}: test loss {record['testLoss']:.3f}, test accuracy {accuracy}")


def say(line):
    """Prints a line at once; training goes on without a reader of the output."""
    try:
        print(line, flush=True)
    except OSError:
        pass


def percent(fraction, digits):
    return f"{fraction * 100:.{digits}f} %"


def duration(seconds):
    whole = max(0, round(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours > 0:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {whole % 60:02d} s" if minutes > 0 else f"{whole} s"
