"""Random numbers without state, those of the TypeScript `Random`: Philox4x32-10 of a seed, a stream and two coordinates.

J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 3.3.
"""

import numpy as np

MAX_SEED = 2**32 - 1
STREAMS = {"shuffle": 0, "augmentation": 1, "split": 2, "step": 4}

_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def words(seed, stream, a, b, blocks):
    """Random words [..., 4]: those of blocks `blocks` of the stream at the coordinates `a` and `b`, which broadcast."""
    counter = np.broadcast_arrays(*(np.asarray(each, np.uint64) for each in (blocks, a, b, 0)))
    c0, c1, c2, c3 = counter
    key = [seed, STREAMS[stream]]
    for _ in range(_ROUNDS):
        first, second = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c1, c2, c3 = (
            (second >> _HALF) ^ c1 ^ np.uint64(key[0]),
            second & _LOW,
            (first >> _HALF) ^ c3 ^ np.uint64(key[1]),
            first & _LOW,
        )
        key = [(part + step) & 0xFFFFFFFF for part, step in zip(key, _WEYL)]
    return np.stack([c0, c1, c2, c3], axis=-1)


def uniforms(seed, stream, a, b, count):
    """The first `count` numbers in [0, 1) of the stream at `a` and each of the coordinates `b`: [len(b), count]."""
    blocks = np.arange(-(-count // 4))
    drawn = words(seed, stream, a, np.asarray(b)[:, None], blocks[None, :])
    return drawn.reshape(len(b), -1)[:, :count] / 2.0**32


def permutation(count, seed, stream, epoch=0):
    """The integers 0 … count − 1, shuffled (Fisher and Yates)."""
    order = list(range(count))
    drawn = uniforms(seed, stream, epoch, [0], max(count - 1, 0))[0]
    others = np.floor(drawn * np.arange(count, 1, -1)).astype(np.int64).tolist()
    for last, other in zip(range(count - 1, 0, -1), others):
        order[last], order[other] = order[other], order[last]
    return np.array(order, np.int64)
