"""The folder of a run. A new run starts only in a folder that is new, empty, or holds nothing but a run that was stopped
before its first checkpoint. Only the first process writes there."""

import json
import os
import time
import uuid

from tfjs_convolutions.train.checkpoint import HISTORY_COLUMNS, load_checkpoint
from tfjs_convolutions.train.errors import error, file_error
from tfjs_convolutions.train.files import is_temporary, remove_abandoned, write_atomic
from tfjs_convolutions.train.folder_lock import LOCK_FILE, FolderLock

CHECKPOINT, HISTORY, MODEL, RECORD = "checkpoint.bin", "history.csv", "model.keras", "run.json"


class RunFolder:
    """The folder of a run, locked so that no other program writes to it."""

    def __init__(self, folder, is_resumed, restart):
        """Opens the folder for a new run or, if `is_resumed` or torchrun restarted it, for the run in it."""
        self.folder = folder
        self.header, self.tensors = None, None
        self.lock = None
        try:
            if is_resumed:
                self._check_resumable()
            elif restart == 0:
                self._check_new()
            os.makedirs(folder, exist_ok=True)
            self.lock = FolderLock(folder, restart)
            remove_abandoned(folder)
            if os.path.exists(self.path(CHECKPOINT)) and (is_resumed or restart > 0):
                self.header, self.tensors = load_checkpoint(self.path(CHECKPOINT))
        except OSError as reason:
            raise file_error("train", folder, reason) from None
        except Exception:
            self.close()
            raise

    def path(self, name):
        """Path of a file of the run."""
        return os.path.join(self.folder, name)

    def start(self, data):
        """Writes the record of a new run, or of the run that goes on."""
        run = self.header["run"] if self.header is not None else str(uuid.uuid4())
        started = self.header["started"] if self.header is not None else _now()
        self.record = {"run": run, "started": started, "files": [CHECKPOINT, HISTORY, MODEL], "data": data}
        self.write_record()

    def write_record(self, **more):
        """Writes the record, with more fields."""
        self.record = {**self.record, **more}
        write_atomic(self.path(RECORD), f"{json.dumps(self.record, indent=2, ensure_ascii=False)}\n".encode())

    def write_history(self, history):
        """Writes one row per epoch."""
        rows = [",".join(_number(record[field]) for field in HISTORY_COLUMNS.values()) for record in history]
        write_atomic(self.path(HISTORY), "".join(f"{row}\n" for row in [",".join(HISTORY_COLUMNS), *rows]).encode())

    def close(self):
        """Unlocks the folder."""
        if self.lock is not None:
            self.lock.release()

    def _check_resumable(self):
        if not os.path.isfile(self.path(CHECKPOINT)):
            raise error("resume", f"the folder must hold {CHECKPOINT}", "--out", self.folder)

    def _check_new(self):
        if not os.path.exists(self.folder):
            return
        if not os.path.isdir(self.folder):
            raise error("train", "--out must be a folder", "--out", self.folder)
        names = [name for name in os.listdir(self.folder) if name not in (LOCK_FILE, RECORD) and not is_temporary(name)]
        if names:
            rule = "--out must be a new or empty folder (--resume continues the run in it)"
            raise error("train", rule, "--out", self.folder)


def _now():
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


def _number(value):
    """A number as JavaScript writes it: no exponent down to 1e-6."""
    text = repr(value)
    if "e-" not in text or abs(value) < 1e-6:
        return text.removesuffix(".0").replace("e-0", "e-")
    digits, exponent = text.split("e-")
    return f"{value:.{len(digits.replace('-', '').replace('.', '')) - 1 + int(exponent)}f}"
