"""The lock on the folder of a run, that of the TypeScript command: a file that names the process that writes there."""

import json
import os
import secrets
import socket
import time

from tfjs_convolutions.train.errors import error, file_error
from tfjs_convolutions.train.files import birth, is_running, temporary_name

LOCK_FILE = ".tfjs-convolutions.lock"
# Seconds for which a lock without a readable owner is assumed to be still being written.
_GRACE = 5


class FolderLock:
    """The lock of a folder, held until `release`."""

    def __init__(self, folder, restart):
        self.file, self.tag = os.path.join(os.path.abspath(folder), LOCK_FILE), secrets.token_hex(8)
        self.launch = _launch()
        owner = {"pid": os.getpid(), "host": socket.gethostname(), "birth": birth(os.getpid()), "tag": self.tag}
        text = json.dumps({**owner, "launch": self.launch, "restart": restart})
        try:
            while not self._create(text):
                self._clear(folder, restart)
        except OSError as reason:
            raise file_error("train", self.file, reason) from None

    def release(self):
        """Unlocks the folder."""
        if _read(self.file).get("tag") == self.tag:
            os.remove(self.file)

    def _create(self, text):
        draft = temporary_name(self.file)
        with open(draft, "w", encoding="utf-8") as opened:
            opened.write(text)
        try:
            os.link(draft, self.file)
        except FileExistsError:
            return False
        finally:
            os.remove(draft)
        return True

    def _clear(self, folder, restart):
        """Removes the lock of a process that has ended, or of one that torchrun has restarted elsewhere."""
        owner = _read(self.file)
        is_here = owner.get("host") == socket.gethostname()
        is_earlier = owner.get("launch") == self.launch and self.launch is not None and owner["restart"] < restart
        if "pid" not in owner:
            is_stale = not os.path.exists(self.file) or time.time() - os.path.getmtime(self.file) > _GRACE
        else:
            is_stale = is_here and (not is_running(owner["pid"]) or owner.get("birth") not in (None, birth(owner["pid"])))
        if is_stale or is_earlier:
            if os.path.exists(self.file):
                os.remove(self.file)
            return
        machine = "this machine" if is_here else f"the machine '{owner.get('host')}'"
        who = f"process {owner['pid']} on {machine}" if "pid" in owner else "an unknown process"
        rule = f"no other process may be writing to the folder ({who}: wait for it, or remove '{self.file}' if it has ended)"
        raise error("train", rule, "folder", folder)


def _launch():
    """Name of the launch by torchrun, the same in all restarts of it."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return None
    names = ("TORCHELASTIC_RUN_ID", "MASTER_ADDR", "MASTER_PORT")
    return "/".join(os.environ.get(name, "") for name in names)


def _read(file):
    try:
        with open(file, encoding="utf-8") as opened:
            owner = json.load(opened)
        is_owner = isinstance(owner, dict) and isinstance(owner.get("pid"), int) and isinstance(owner.get("restart", 0), int)
        return {"restart": 0, **owner} if is_owner else {}
    except (OSError, ValueError):
        return {}
