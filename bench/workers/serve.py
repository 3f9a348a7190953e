"""The worker's side of the protocol of support/protocol.ts, for workers in Python."""

import json
import os
import sys
import time

import numpy as np

MARK = "@bench "
THREADS = int(os.environ.get("BENCH_THREADS", "1"))
_clock = time.process_time if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter


def _say(reply):
    sys.__stdout__.write(MARK + json.dumps(reply) + "\n")
    sys.__stdout__.flush()


def _read(stored):
    return np.fromfile(stored["file"], np.float32).reshape(stored["shape"])


def _store(values, name, folder):
    values = np.ascontiguousarray(values, np.float32)
    file = os.path.join(folder, name + ".bin")
    values.tofile(file)
    return {"name": name, "shape": list(values.shape), "file": file}


def _run_for(run, budget):
    times = []
    start = time.perf_counter()
    while True:
        before = _clock()
        run()
        times.append((_clock() - before) * 1000)
        if (time.perf_counter() - start) * 1000 >= budget:
            # The first call finds the caches full of what the other processes did.
            return times[1:] if len(times) > 2 else times


def serve(versions, works):
    """Answers requests until the input ends.

    `works` maps a name to a function of (inputs, params), which returns the results (arrays in the conventions of this
    package) and a function that runs the work once.
    """
    prepared = {}
    _say({"versions": versions})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["op"] == "prepare":
                inputs = {stored["name"]: _read(stored) for stored in request["inputs"]}
                results, run = works[request["work"]](inputs, request["params"])
                number = max(prepared, default=0) + 1
                prepared[number] = run
                stored = [_store(values, f"r{i}", request["folder"]) for i, values in enumerate(results)]
                _say({"id": number, "results": stored})
            elif request["op"] == "run":
                _say({"times": _run_for(prepared[request["id"]], request["budget"])})
            else:
                del prepared[request["id"]]
                _say({})
        except Exception as error:  # Whatever it is, the program that asks is told.
            _say({"error": f"{type(error).__name__}: {error}"[:400]})
