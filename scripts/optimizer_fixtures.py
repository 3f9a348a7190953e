"""Writes test/training/fixtures/optimizers.json: 50 steps of the optimizers of Keras 3, in float64.

Run with the packages of `npm run setup:keras`, and PyTorch, such as the benchmarks have:
    PYTHONPATH=.python/keras:.python/bench/torch KERAS_BACKEND=numpy python3 scripts/optimizer_fixtures.py

Adam here has the epsilon of PyTorch and of the paper, which is added to the corrected moment; that of Keras is added before the
correction. Cases against Keras have an epsilon too small to matter, and decays that float32, to which Keras rounds them, holds
exactly. PyTorch computes one with a large epsilon and the usual decays.

The gradient of element i of variable v in step s is x + 2 sin((s + 1)(i + 1) + v), of the values x before the step.
"""

import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "numpy")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

STEPS = 50
keras.backend.set_floatx("float64")
SHAPES = {"layer/kernel": 5, "layer/bias": 3, "other/kernel": 9}
NOT_DECAYED = ["bias", "gamma", "beta"]

CASES = [
    ("SGD", {"learning_rate": 0.05}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.8, "clipnorm": 1.5}),
    ("SGD", {"learning_rate": 0.05, "use_ema": True, "ema_momentum": 0.9}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.8, "gradient_accumulation_steps": 4}),
    ("Adam", {"learning_rate": 0.05}),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.75, "beta_2": 0.9375, "weight_decay": 0.1}),
    ("Adam", {"learning_rate": 0.05, "global_clipnorm": 2.0}),
    ("Adam", {"learning_rate": 0.05, "clipvalue": 0.7}),
    ("Adam", {"learning_rate": 0.05, "gradient_accumulation_steps": 3, "global_clipnorm": 1.0}),
    ("Adam", {"learning_rate": 0.05, "use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 10}),
    ("AdamW", {"learning_rate": 0.05}),
    ("AdamW", {"learning_rate": 0.02, "weight_decay": 0.2, "global_clipnorm": 3.0, "use_ema": True}),
]

ADAM = {"beta_1": 0.875, "beta_2": 0.96875, "epsilon": 1e-15}


def gradient(x, step, variable):
    index = np.arange(1, x.size + 1)
    return (x + 2 * np.sin((step + 1) * index + variable)).astype("float64")


def run(name, options):
    if name.startswith("Adam"):
        options = {**ADAM, **options}
    optimizer = getattr(keras.optimizers, name)(**options)
    optimizer.exclude_from_weight_decay(var_names=NOT_DECAYED)
    variables = [
        keras.Variable(np.linspace(-2, 3, size), name=path.replace("/", "_"))
        for path, size in SHAPES.items()
    ]
    values = []
    for step in range(STEPS):
        gradients = [gradient(np.array(x.value), step, at) for at, x in enumerate(variables)]
        optimizer.apply(gradients, variables)
        if step in (0, 1, 10, STEPS - 1):
            values.append([np.array(x.value).tolist() for x in variables])
    case = {"optimizer": name, "options": options, "values": values}
    if options.get("use_ema"):
        optimizer.finalize_variable_values(variables)
        case["averages"] = [np.array(x.value).tolist() for x in variables]
    return case


def run_torch(options):
    variables = [torch.linspace(-2, 3, size, dtype=torch.float64) for size in SHAPES.values()]
    groups = [
        {"params": [x], "weight_decay": 0 if path.endswith("bias") else options["weight_decay"]}
        for path, x in zip(SHAPES, variables)
    ]
    betas = (options["beta_1"], options["beta_2"])
    optimizer = torch.optim.AdamW(groups, lr=options["learning_rate"], betas=betas, eps=options["epsilon"])
    values = []
    for step in range(STEPS):
        for at, x in enumerate(variables):
            x.grad = torch.from_numpy(gradient(x.numpy(), step, at))
        optimizer.step()
        if step in (0, 1, 10, STEPS - 1):
            values.append([x.tolist() for x in variables])
    return {"optimizer": "AdamW", "options": options, "values": values}


def rounded(value):
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.9g}")


TORCH = {"learning_rate": 0.05, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-2, "weight_decay": 0.1}
cases = [*(run(name, options) for name, options in CASES), run_torch(TORCH)]
for case in cases:
    for key in ("values", "averages"):
        if key in case:
            case[key] = rounded(case[key])
target = pathlib.Path(__file__).parent.parent / "test/training/fixtures/optimizers.json"
lines = ",\n".join(json.dumps(case) for case in cases)
target.write_text(f"[\n{lines}\n]\n")
