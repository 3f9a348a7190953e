"""Signals that end a run: Ctrl-C, and SIGTERM of job schedulers and of torchrun, after the current step."""

import os
import signal

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Remembers the first signal. A second one ends the process, unless torchrun, which repeats them, started it."""

    def __init__(self):
        # 0 until a signal arrives.
        self.number = 0
        for each in _SIGNALS:
            signal.signal(each, self._remember)

    def release(self):
        """Restores the default: a signal ends the process immediately."""
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)

    def _remember(self, number, _frame):
        if self.number != 0 and "TORCHELASTIC_RUN_ID" not in os.environ:
            os._exit(128 + number)
        self.number = self.number or number
