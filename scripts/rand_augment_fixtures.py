"""Writes test/training/fixtures/rand_augment.json: the operations of torchvision's RandAugment on a small image.

Run with the packages of `npm run setup -- bench torch`:
    PYTHONPATH=.python/bench/torch python3 scripts/rand_augment_fixtures.py

Shifts are not rounded to pixels; values are null where torchvision reads outside the image. Pixel (y, x, c) is (37 y + 59 x + 83 c + 11 x y) mod 251; every fifth
row and seventh column is stored.
"""

import json
import pathlib

import numpy as np
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F
from torchvision.transforms.autoaugment import RandAugment, _apply_op

HEIGHT, WIDTH = 24, 26
y, x, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(3), indexing="ij")
image = torch.tensor((37 * y + 59 * x + 83 * c + 11 * x * y) % 251).permute(2, 0, 1)

ROUNDING = ("Posterize", "Equalize")
FIXED = ("Identity", "AutoContrast", "Equalize")
BINS = 31
space = RandAugment()._augmentation_space(BINS, (HEIGHT, WIDTH))


def apply(values, name, magnitude):
    if name.startswith("Translate"):  # without rounding to pixels
        shift = [magnitude, 0.0] if name == "TranslateX" else [0.0, magnitude]
        return F.affine(values, 0.0, shift, 1.0, [0.0, 0.0], InterpolationMode.BILINEAR)
    return _apply_op(values, name, magnitude, interpolation=InterpolationMode.BILINEAR, fill=None)


def run(name, magnitude, negative):
    magnitudes, signed = space[name]
    amount = float(magnitudes[magnitude]) if magnitudes.ndim > 0 else 0.0
    if negative and signed:
        amount = -amount
    if name == "Posterize":
        amount = int(amount)
    if name in ROUNDING:
        return apply(image.to(torch.uint8), name, amount).double(), None
    if name == "Solarize":
        amount /= 255
    values = apply(image.float() / 255, name, amount).double() * 255
    inside = apply(torch.ones(1, HEIGHT, WIDTH), name, amount)[0] if name[:5] in ("Shear", "Trans", "Rotat") else None
    return values, inside


cases = []
for name in space:
    for magnitude, negative in ((9, False), (25, True)) if name not in FIXED else ((9, False),):
        values, inside = run(name, magnitude, negative)
        # A few rows and columns tell the operations apart.
        rows = values.permute(1, 2, 0)[::5, ::7]
        flat = [round(float(v), 2) for v in rows.reshape(-1)]
        if inside is not None:
            known = (inside[::5, ::7] > 0.9999).repeat_interleave(3, dim=1).reshape(-1)
            flat = [v if k else None for v, k in zip(flat, known.tolist())]
        cases.append({"name": name[0].lower() + name[1:], "magnitude": magnitude, "negative": negative, "values": flat})

target = pathlib.Path(__file__).parent.parent / "test/training/fixtures/rand_augment.json"
target.write_text(json.dumps(cases) + "\n")
