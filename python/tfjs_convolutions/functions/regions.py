"""Pooling of regions. Bins are sums of pixels with weights that are products of one along y and one along x.

Boxes are (y1, x1, y2, x2); a box whose image does not exist, or with a NaN, reads nothing.
"""

from keras import ops


def round_half_away(value):
    """Rounds to the nearest integer, ties away from zero."""
    return ops.sign(value) * ops.floor(ops.abs(value) + 0.5)


def gather(x, boxes, indices):
    """The image of each box, [k, h, w, c], the boxes, and 1 for each box that reads, 0 for the others, [k]."""
    count = ops.shape(x)[0]
    indices = ops.cast(ops.reshape(indices, [-1]), "int32")
    boxes = ops.stop_gradient(ops.cast(boxes, x.dtype))
    is_number = ops.logical_not(ops.any(ops.isnan(boxes), axis=1))
    reads = ops.logical_and(ops.logical_and(indices >= 0, indices < count), is_number)
    boxes = ops.where(reads[:, None], boxes, 0.0)
    images = ops.take(x, ops.where(reads, indices, 0), axis=0)
    return images, boxes, ops.cast(reads, x.dtype)


def hats(position, size):
    """Bilinear weights of the pixels around positions, which are clamped to the image: [..., size].

    The slope is 0 where a position was clamped, and the right-hand one at whole pixels.
    """
    clamped = ops.stop_gradient(ops.clip(position, 0.0, size - 1.0))
    free = ops.logical_and(position >= 0.0, position < size - 1.0)
    position = ops.where(free, position, clamped)
    first = ops.stop_gradient(ops.floor(position))
    rest = (position - first)[..., None]
    first = first[..., None]
    pixels = ops.arange(size, dtype=position.dtype)
    return ops.where(pixels == first, 1.0 - rest, 0.0) + ops.where(pixels == first + 1.0, rest, 0.0)


def aligned_weights(start, length, bins, ratio, size):
    """Mean weights of the samples of every bin, [..., size], for `start` and `length` [..., bins or 1] of the boxes.

    A bin has `ratio` samples, or, if that is 0, one a pixel, rounded up.
    """
    part = length / bins
    count = ops.ceil(part) if ratio == 0 else ops.full_like(part, ratio)
    # Samples are at least half a pixel apart: no more than these can be inside.
    most = 2 * size + 4 if ratio == 0 else ratio
    step = part / ops.maximum(count, 1.0)
    corner = start + ops.arange(bins, dtype=start.dtype) * part
    first = ops.zeros_like(corner)
    if ratio == 0:
        first = ops.stop_gradient(ops.maximum(ops.floor((-1.0 - corner) / ops.maximum(step, 0.5) - 0.5), 0.0))
    sample = first[..., None] + ops.arange(most, dtype=start.dtype)
    position = corner[..., None] + (sample + 0.5) * step[..., None]
    counts = ops.logical_and(sample < count[..., None], ops.logical_and(position >= -1.0, position <= size))
    weights = hats(ops.where(counts, position, 0.0), size) * ops.cast(counts, start.dtype)[..., None]
    return ops.sum(weights, axis=-2) / ops.maximum(count, 1.0)[..., None]


def aligned_box(boxes, scale, aligned, axis):
    """Start and length of boxes along an axis, [k, 1]."""
    shift = 0.5 if aligned else 0.0
    start = boxes[:, axis : axis + 1] * scale
    length = boxes[:, axis + 2 : axis + 3] * scale - start
    return start - shift, length if aligned else ops.maximum(length, 1.0)


def roi_align(x, boxes, indices, bins, scale, ratio, aligned, position_sensitive=False):
    """RoIAlign of [n, h, w, c]: [k, bins, c]. Position-sensitive, bin (i, j) reads channel (c · rows + i) · columns + j."""
    images, boxes, reads = gather(x, boxes, indices)
    _, height, width, channels = x.shape
    rows = aligned_weights(*aligned_box(boxes, scale, aligned, 0), bins[0], ratio, height) * reads[:, None, None]
    columns = aligned_weights(*aligned_box(boxes, scale, aligned, 1), bins[1], ratio, width)
    return _contract(images, rows, columns, bins, channels, position_sensitive)


def _contract(images, rows, columns, bins, channels, position_sensitive):
    if not position_sensitive:
        return ops.einsum("kih,kjw,khwc->kijc", rows, columns, images)
    shape = ops.shape(images)
    images = ops.reshape(images, [-1, shape[1], shape[2], channels // (bins[0] * bins[1]), *bins])
    return ops.einsum("kih,kjw,khwcij->kijc", rows, columns, images)


def _pixel_bins(boxes, scale, axis, bins, size, inclusive):
    """1 for each pixel of each bin, 0 for the others: [k, bins, size]."""
    start = round_half_away(boxes[:, axis : axis + 1] * scale)
    end = round_half_away(boxes[:, axis + 2 : axis + 3] * scale)
    pixels = ops.maximum(end - start + (1.0 if inclusive else 0.0), 1.0)
    index = ops.arange(bins, dtype=boxes.dtype)
    first = start + ops.floor(index * pixels / bins)
    last = start + ops.ceil((index + 1.0) * pixels / bins)
    pixel = ops.arange(size, dtype=boxes.dtype)
    last = ops.minimum(last, size if inclusive else size - 1)[..., None]
    return ops.logical_and(pixel >= first[..., None], pixel < last)


def roi_pool(x, boxes, indices, bins, scale):
    """Maximum of the pixels of every bin, 0 for an empty one; NaN is skipped: [k, bins, c]."""
    images, boxes, reads = gather(x, boxes, indices)
    _, height, width, _ = x.shape
    rows = _pixel_bins(boxes, scale, 0, bins[0], height, True)
    rows = ops.logical_and(rows, (reads > 0)[:, None, None])
    columns = _pixel_bins(boxes, scale, 1, bins[1], width, True)
    lowest = float("-inf")
    images = ops.where(ops.isnan(images), lowest, images)
    of_rows = [
        ops.max(ops.where(rows[:, i, :, None, None], images, lowest), axis=1, keepdims=True) for i in range(bins[0])
    ]
    of_rows = ops.concatenate(of_rows, axis=1)
    of_bins = [
        ops.max(ops.where(columns[:, None, j, :, None], of_rows, lowest), axis=2, keepdims=True)
        for j in range(bins[1])
    ]
    result = ops.concatenate(of_bins, axis=2)
    filled = ops.logical_and(ops.any(rows, axis=2)[:, :, None], ops.any(columns, axis=2)[:, None, :])
    return ops.where(filled[..., None], result, 0.0)


def ps_roi_pool(x, boxes, indices, bins, scale):
    """Mean of the pixels of every bin in its own channels, 0 for an empty one: [k, bins, c / bins]."""
    images, boxes, reads = gather(x, boxes, indices)
    _, height, width, channels = x.shape
    sides = []
    for axis, size in ((0, height), (1, width)):
        pixels = ops.cast(_pixel_bins(boxes, scale, axis, bins[axis], size, False), x.dtype)
        sides.append(pixels / ops.maximum(ops.sum(pixels, axis=2, keepdims=True), 1.0))
    return _contract(images, sides[0] * reads[:, None, None], sides[1], bins, channels, True)


def deform_roi_pool(x, boxes, indices, offset, bins, scale, ratio, gamma):
    """Aligned RoIAlign whose bins move by gamma · box size · offset; offset [k, bins, 2] as (y, x), or None."""
    if offset is None:
        return roi_align(x, boxes, indices, bins, scale, ratio, True)
    images, boxes, reads = gather(x, boxes, indices)
    _, height, width, _ = x.shape
    weights = []
    for axis, size in ((0, height), (1, width)):
        start, length = (side[..., None] for side in aligned_box(boxes, scale, True, axis))
        moved = start + gamma * length * offset[..., axis]
        length = ops.broadcast_to(length, ops.shape(moved))
        # The bins along the other axis move on their own: each has weights of its own.
        moved, length = (ops.transpose(side, [0, 2, 1]) if axis == 0 else side for side in (moved, length))
        along = aligned_weights(moved, length, bins[axis], ratio, size)
        weights.append(ops.transpose(along, [0, 2, 1, 3]) if axis == 0 else along)
    return ops.einsum("kijh,kijw,khwc->kijc", weights[0] * reads[:, None, None, None], weights[1], images)


def deform_ps_roi_pool(x, boxes, indices, offset, output_dim, pooled, groups, parts, samples, scale, trans_std):
    """Deformable position-sensitive pooling; offset [k, parts, parts, classes · 2], or None: [k, pooled, pooled, output_dim]."""
    images, boxes, reads = gather(x, boxes, indices)
    _, height, width, _ = x.shape
    classes = 1 if offset is None else offset.shape[3] // 2
    at = [index * parts // pooled for index in range(pooled)]
    if offset is not None:
        offset = ops.reshape(offset, [-1, parts, parts, classes, 2])
        offset = ops.take(ops.take(offset, at, axis=1), at, axis=2)
    weights = []
    for axis, size in ((0, height), (1, width)):
        first = round_half_away(boxes[:, axis]) * scale - 0.5
        length = ops.maximum((round_half_away(boxes[:, axis + 2]) + 1.0) * scale - 0.5 - first, 0.1)
        first, length = (ops.reshape(side, [-1, 1, 1, 1]) for side in (first, length))
        moved = first if offset is None else first + trans_std * length * offset[..., axis]
        bin_index = ops.reshape(ops.arange(pooled, dtype=x.dtype), [1, -1, 1, 1] if axis == 0 else [1, 1, -1, 1])
        sample = (bin_index[..., None] * samples + ops.arange(samples, dtype=x.dtype)) / (pooled * samples)
        position = moved[..., None] + sample * length[..., None]
        counts = ops.logical_and(position >= -0.5, position <= size - 0.5)
        kept = ops.cast(counts, x.dtype)
        along = ops.sum(hats(ops.where(counts, position, 0.0), size) * kept[..., None], axis=-2)
        weights.append(along / ops.maximum(ops.sum(kept, axis=-1), 1.0)[..., None])
    target = [-1, pooled, pooled, classes]
    rows = ops.broadcast_to(weights[0], [ops.shape(boxes)[0], *target[1:], height]) * reads[:, None, None, None, None]
    columns = ops.broadcast_to(weights[1], [ops.shape(boxes)[0], *target[1:], width])
    images = ops.reshape(images, [-1, height, width, classes, output_dim // classes, groups, groups])
    chosen = [index * groups // pooled for index in range(pooled)]
    images = ops.take(ops.take(images, chosen, axis=5), chosen, axis=6)
    result = ops.einsum("kijqh,kijqw,khwqpij->kijqp", rows, columns, images)
    return ops.reshape(result, [-1, pooled, pooled, output_dim])
