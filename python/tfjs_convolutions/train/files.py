"""Files of a run, written so that whenever the process or the machine stops, the old file or the new one is complete."""

import hashlib
import os
import re
import secrets
import socket

from tfjs_convolutions.train.errors import file_error

_HOST = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
_TEMPORARY = re.compile(r".+\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.tmp")


def temporary_name(file):
    """A unique name beside a file, which tells the process that writes there."""
    return f"{file}.{_HOST}-{os.getpid()}-{secrets.token_hex(4)}.tmp"


def write_atomic(file, contents):
    """Writes bytes under a unique temporary name, flushes them to the disk and renames the file."""
    temporary = temporary_name(file)
    try:
        with open(temporary, "xb") as opened:
            opened.write(contents)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(temporary, file)
        _sync_folder(os.path.dirname(file) or ".")
    except OSError as reason:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise file_error("write the file", file, reason) from None


def is_temporary(name):
    """Tests for the name of a temporary file."""
    return _TEMPORARY.fullmatch(name) is not None


def remove_abandoned(folder):
    """Removes temporary files that killed processes of this machine left."""
    for name in os.listdir(folder):
        match = _TEMPORARY.fullmatch(name)
        if match and match[1] == _HOST and not is_running(int(match[2])):
            os.remove(os.path.join(folder, name))


def is_running(pid):
    """Tests whether a process is running on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return birth(pid) != "ended"


def birth(pid):
    """Start time of a process, which only Linux tells; 'ended' for one that its parent has not buried yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as opened:
            fields = opened.read().rpartition(")")[2].split()
    except OSError:
        return None
    return "ended" if fields[0] in "ZX" else fields[19]


def _sync_folder(folder):
    """Makes a rename survive a power failure, where folders can be synced."""
    try:
        opened = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(opened)
    except OSError:
        pass
    finally:
        os.close(opened)
