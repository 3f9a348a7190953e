"""Runs command lines of tfjs_convolutions.train in one process, one per line of standard input.

A request is {"arguments": [...], "signal": "EPOCH STEP" or none}: before that step the process sends SIGTERM to itself. The
answer is {"status", "stdout", "stderr"}.
"""

import contextlib
import io
import json
import os
import signal
import sys

from tfjs_convolutions.train.program import main
from tfjs_convolutions.train.trainer import Trainer

step = Trainer._step
ending = None


def step_or_end(trainer, interruption):
    if ending == f"{trainer.state.epoch} {trainer.state.step}":
        os.kill(os.getpid(), signal.SIGTERM)
    return step(trainer, interruption)


Trainer._step = step_or_end
for line in sys.stdin:
    request = json.loads(line)
    ending = request.get("signal")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(request["arguments"])
        except SystemExit as end:
            status = end.code
    print(json.dumps({"status": status, "stdout": out.getvalue(), "stderr": err.getvalue()}), flush=True)
