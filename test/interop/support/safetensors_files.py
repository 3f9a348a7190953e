"""Files of the safetensors package of Python: `read FILE` prints a file, `write FILE` writes one and prints it.

What is printed is one line of JSON: metadata, and type, shape and base64 bytes of every tensor.
"""

import base64
import hashlib
import json
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

START = b'{"__metadata__":{"checksum":"'


def printed(file):
    with safe_open(file, framework="np") as opened:
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}
        metadata = opened.metadata()
    with open(file, "rb") as raw:
        content = raw.read()
    start = 8 + len(START)
    unsigned = content[:start] + b"0" * 64 + content[start + 64 :]
    print(
        json.dumps(
            {
                "metadata": metadata,
                "sha256": hashlib.sha256(unsigned).hexdigest(),
                "tensors": {
                    name: {
                        "type": str(value.dtype),
                        "shape": value.shape,
                        "bytes": base64.b64encode(value.tobytes()).decode(),
                    }
                    for name, value in tensors.items()
                },
            }
        )
    )


def write(file):
    random = np.random.default_rng(7)
    bits = lambda shape, width: random.integers(0, 256, (*shape, width), dtype=np.uint8)
    of_type = lambda name, shape: bits(shape, np.dtype(name).itemsize).view(name)[..., 0]
    names = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8"]
    tensors = {f"a/{name}": of_type(name, (2, 3, 5)) for name in names}
    tensors["flags"] = np.array([True, False, True])
    tensors["scalar"] = np.array(-0.0, np.float32)
    tensors["empty"] = np.zeros((3, 0, 2), np.float32)
    save_file(tensors, file, metadata={"from": "Python", "é": "ü"})


action, path = sys.argv[1:]
if action == "write":
    write(path)
printed(path)
