"""Boxes with samples on the edge of what regions read, for scripts/make_golden.py."""

import torch


def sides_on_threshold(size, bins, sampling, scale, aligned, count):
    """
    (start, end) along an axis of `size` pixels of boxes with a sample that float32 locations on −1 or `size`, the outermost
    that still read, and that would read nothing with less rounding, or the other way round.
    """
    start, extent = torch.cartesian_prod(torch.arange(-80, 240), torch.arange(2, 100)).T / 4
    factor, shift = torch.tensor(scale, dtype=torch.float32), 0.5 if aligned else 0.0
    first = start * factor - shift
    length = ((start + extent) * factor - shift) - first
    if not aligned:
        length = length.clamp(min=1)
    bin, part = torch.cartesian_prod(torch.arange(bins), torch.arange(sampling)).T
    reads = {}
    for dtype in (torch.float32, torch.float64):
        step = (length.to(dtype) / bins)[:, None]
        locations = first.to(dtype)[:, None] + bin * step + (part + 0.5) * step / sampling
        reads[dtype] = (locations >= -1) & (locations <= size)
    found = (reads[torch.float32] != reads[torch.float64]).any(1).nonzero()[:, 0]
    chosen = found[torch.linspace(0, len(found) - 1, count).round().long()]
    return [(start[i].item(), (start[i] + extent[i]).item()) for i in chosen]


def boxes_on_threshold(x, size, scale, sampling, aligned, count=6):
    rows, columns = (
        sides_on_threshold(x[axis + 1], size[axis], sampling, scale, aligned, count) for axis in (0, 1)
    )
    return [(i % x[0], y1, x1, y2, x2) for i, ((y1, y2), (x1, x2)) in enumerate(zip(rows, columns))]
