"""Writes test/training/fixtures/losses.json: values of the losses of Keras 3.

Run with the packages of `npm run setup:keras`:
    PYTHONPATH=.python/keras KERAS_BACKEND=numpy python3 scripts/loss_fixtures.py

Logit (i, c) is 3 sin(4 i + c + 1); probabilities are its softmax, or its sigmoid for several labels.
"""

import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "numpy")

import keras  # noqa: E402
import numpy as np  # noqa: E402

EXAMPLES, CLASSES = 6, 4
logits = 3 * np.sin(4 * np.arange(EXAMPLES)[:, None] + np.arange(CLASSES) + 1)
softmax = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
sigmoid = 1 / (1 + np.exp(-logits))
one_hot = np.eye(CLASSES)[(2 * np.arange(EXAMPLES) + 1) % 3]
several = ((np.arange(EXAMPLES)[:, None] + np.arange(CLASSES)) % 3 == 0).astype(float)

CASES = [
    ("CategoricalCrossentropy", {}),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.2}),
    ("CategoricalFocalCrossentropy", {}),
    ("CategoricalFocalCrossentropy", {"gamma": 1.5, "alpha": 0.7, "label_smoothing": 0.1}),
    ("CategoricalFocalCrossentropy", {"from_logits": True}),
    ("BinaryCrossentropy", {}),
    ("BinaryCrossentropy", {"label_smoothing": 0.3}),
    ("BinaryCrossentropy", {"from_logits": True}),
    ("Dice", {"axis": [1]}),
]


def run(name, options):
    binary = name == "BinaryCrossentropy"
    truth = several if binary else one_hot
    prediction = logits if options.get("from_logits") else sigmoid if binary else softmax
    loss = getattr(keras.losses, name)(reduction=None, **options)
    values = np.asarray(loss(truth.astype("float32"), prediction.astype("float32")))
    return {"loss": name, "options": options, "values": [float(f"{value:.9g}") for value in values]}


target = pathlib.Path(__file__).parent.parent / "test/training/fixtures/losses.json"
lines = ",\n".join(json.dumps(run(*case)) for case in CASES)
target.write_text(f"[\n{lines}\n]\n")
