"""The state of a run in one file: a line that names the format, a line with the SHA-256 of the rest, the length of a JSON
header in 8 bytes, the header, and the values of the tensors that it lists. Nothing of a file is executed."""

import hashlib
import json
import math
import os

import numpy as np

from tfjs_convolutions.train.errors import error, file_error
from tfjs_convolutions.train.files import write_atomic
from tfjs_convolutions.train.options import SETTINGS

_MAGIC = b"tfjs-convolutions checkpoint of Keras, version 1\n"
_ACTION = "load the checkpoint"

# Columns of the history file, and the fields of the records that a checkpoint holds.
HISTORY_COLUMNS = {
    "epoch": "epoch",
    "loss": "loss",
    "accuracy": "accuracy",
    "test_loss": "testLoss",
    "test_accuracy": "testAccuracy",
    "learning_rate": "learningRate",
    "seconds": "seconds",
}


def save_checkpoint(file, header, tensors):
    """Writes a header, which JSON must be able to hold, and arrays by name."""
    arrays = {name: np.ascontiguousarray(array, "<f4") for name, array in tensors.items()}
    listed = [[name, list(array.shape)] for name, array in arrays.items()]
    text = json.dumps({**header, "tensors": listed}).encode()
    body = b"".join([len(text).to_bytes(8, "little"), text, *(array.tobytes() for array in arrays.values())])
    write_atomic(file, b"".join([_MAGIC, hashlib.sha256(body).hexdigest().encode(), b"\n", body]))


def load_checkpoint(file):
    """Reads the header and the arrays of a checkpoint."""
    try:
        with open(file, "rb") as opened:
            if opened.read(len(_MAGIC)) != _MAGIC:
                raise error(_ACTION, "the file must be a checkpoint of tfjs_convolutions.train", "file", file)
            digest, body = opened.read(65), opened.read()
    except OSError as reason:
        raise file_error(_ACTION, file, reason) from None
    if digest != hashlib.sha256(body).hexdigest().encode() + b"\n":
        raise error(_ACTION, "the file must be complete and unchanged (its checksum differs)", "file", file)
    try:
        return _parse(body)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise error(_ACTION, "the file must have the contents that its header lists", "file", file) from None


def _parse(body):
    length = int.from_bytes(body[:8], "little")
    header = json.loads(body[8 : 8 + length])
    _check_header(header)
    values, at, tensors = memoryview(body)[8 + length :], 0, {}
    for name, shape in header["tensors"]:
        if not isinstance(name, str) or not all(type(side) is int and side >= 0 for side in shape):
            raise ValueError(name)
        size = 4 * math.prod(shape)
        if at + size > len(values):
            raise ValueError(name)
        tensors[name] = np.frombuffer(values[at : at + size], "<f4").reshape(shape)
        at += size
    if at != len(values):
        raise ValueError(at)
    return header, tensors


def _check_header(header):
    """Raises one of the errors that `load_checkpoint` expects unless a run can go on from the header."""
    texts = [header[name] for name in ("model", "digest", "run", "started")]
    settings = [isinstance(header["settings"][name], types) for name, types in SETTINGS.items()]
    state, rows = header["state"], header["state"]["history"]
    counts = [state[name] for name in ("epoch", "step", "correct", "seen")]
    sums = [state["loss_sum"], state["seconds"], *(row[field] for row in rows for field in HISTORY_COLUMNS.values())]
    is_valid = (
        all(isinstance(each, str) for each in texts)
        and all(settings)
        and len(state) == 7
        and all(type(each) is int and each >= 0 for each in counts)
        and all(isinstance(each, (int, float)) for each in sums)
        and state["epoch"] == len(rows)
    )
    if not is_valid:
        raise ValueError("header")


def digest_of(arrays):
    """SHA-256 of arrays, in their order."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, "<f4"))
    return digest.hexdigest()


def file_digest(action, file):
    """SHA-256 of a file, by which a run knows its model again."""
    if not os.path.isfile(file):
        raise error(action, "there must be such a file", "--model", file)
    try:
        with open(file, "rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as reason:
        raise file_error(action, file, reason) from None
