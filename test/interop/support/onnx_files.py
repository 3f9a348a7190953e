"""Checks the ONNX files of a folder, and runs them in OpenVINO.

manifest.json lists {name, runs: [[{name, dtype, shape, data}]]}, with NAME.onnx beside it; data is base64. A file without
runs is only checked. Prints a list of {problem, runs: [[{name, shape, data}]]}.
"""

import base64
import json
import os
import sys

import numpy
import onnx
import openvino

folder = sys.argv[1]
core = openvino.Core()


def array(tensor):
    values = numpy.frombuffer(base64.b64decode(tensor["data"]), dtype=tensor["dtype"])
    return values.reshape(tensor["shape"])


def problem(file):
    try:
        onnx.checker.check_model(file, full_check=True)
        inferred = onnx.shape_inference.infer_shapes(onnx.load(file), check_type=True, strict_mode=True, data_prop=True)
        for output in inferred.graph.output:
            if not output.type.tensor_type.HasField("shape"):
                return f"{output.name} has no rank"
    except Exception as error:
        return str(error)
    return None


def run(file, runs):
    # OpenVINO computes in bfloat16 by itself on processors that have it.
    config = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": "1"}
    compiled = core.compile_model(core.read_model(file), "CPU", config)
    results = []
    for tensors in runs:
        outputs = compiled({tensor["name"]: array(tensor) for tensor in tensors})
        results.append([
            {
                "name": output.get_any_name(),
                "shape": list(values.shape),
                "data": base64.b64encode(numpy.ascontiguousarray(values, dtype="float32").tobytes()).decode(),
            }
            for output, values in outputs.items()
        ])
    return results


def result(name, runs):
    file = os.path.join(folder, f"{name}.onnx")
    found = problem(file)
    if found is not None or not runs:
        return {"problem": found, "runs": []}
    try:
        return {"problem": None, "runs": run(file, runs)}
    except Exception as error:
        return {"problem": f"OpenVINO: {error}", "runs": []}


with open(os.path.join(folder, "manifest.json")) as manifest:
    print(json.dumps([result(entry["name"], entry["runs"]) for entry in json.load(manifest)]))
