"""tfjs_convolutions.train in a process that kills itself, the first time: KILL = "RANK EPOCH STEP" names who and before which
step."""

import os
import signal
import sys

from tfjs_convolutions.train.program import main
from tfjs_convolutions.train.trainer import Trainer

step = Trainer._step
rank, epoch, at = map(int, os.environ["KILL"].split())


def step_or_die(trainer, interruption):
    is_chosen = trainer.processes.rank == rank and trainer.processes.restart == 0
    if is_chosen and (trainer.state.epoch, trainer.state.step) == (epoch, at):
        os.kill(os.getpid(), signal.SIGKILL)
    return step(trainer, interruption)


Trainer._step = step_or_die
sys.exit(main(sys.argv[1:]))
