/**
 * Sums of batchNorm over rows on WebGPU: a thread takes neighbouring channels through a block of rows, and the results of
 * the blocks are combined, two tensors [blocks, channels] at a time, until one block is left.
 */
import type * as tf from '@tensorflow/tfjs';
import { allocate, dispose, type Shader, type Uniforms, type WebGPUHost } from '../../backends/webgpu/adapter.js';
import { elementwise, runElements } from '../../backends/webgpu/elements.js';
import { byLanes, lanesOf, TYPES, vectorsOf, type Lanes } from '../../backends/webgpu/lanes.js';

/** Number of threads that keeps a device busy. */
const ENOUGH = 2 ** 16;

/** Least number of rows that a thread adds. */
const LEAST_ROWS = 16;

/** Blocks that a thread combines. */
const BLOCKS = 64;

/** A pair of sums for each channel. */
export type Pair = readonly [tf.TensorInfo, tf.TensorInfo];

/**
 * Makes a shader over rows or blocks of rows from the code that defines `fn sums(c : i32, first : i32, end : i32)`,
 * which leaves the results of channel c in `one` and `other`.
 */
function pairs(lanes: Lanes, shader: Shader): Shader {
  return elementwise({
    ...shader,
    key: `${shader.key}/${lanes}`,
    vectors: vectorsOf(lanes, [...shader.inputs, 'result']),
    targets: ['others'],
    integers: [...shader.integers, 'channels', 'rows', 'extent'],
    code: `
      var<private> one : ${TYPES[lanes]};
      var<private> other : ${TYPES[lanes]};
      ${shader.code}
      fn element(i : i32) {
        let block = i / uniforms.channels;
        let first = block * uniforms.extent;
        sums(i - block * uniforms.channels, first, min(first + uniforms.extent, uniforms.rows));
        result[i] = one;
        others[i] = other;
      }`,
  });
}

/**
 * Mean, and sum of squared distances from it, of a block. Distances are taken from its first row: summing the values
 * themselves would lose the spread if the mean is large compared with it.
 */
const MOMENTS = byLanes((lanes) =>
  pairs(lanes, {
    key: 'batch_norm/moments',
    inputs: ['x'],
    integers: [],
    code: `
      fn sums(c : i32, first : i32, end : i32) {
        let base = x[first * uniforms.channels + c];
        var sum = ${TYPES[lanes]}(0.0);
        var squares = ${TYPES[lanes]}(0.0);
        for (var row = first + 1; row < end; row++) {
          let distance = x[row * uniforms.channels + c] - base;
          sum += distance;
          squares += distance * distance;
        }
        let mean = sum / f32(end - first);
        let spread = squares - sum * mean;
        one = base + mean;
        other = select(spread, ${TYPES[lanes]}(0.0), spread < ${TYPES[lanes]}(0.0));
      }`,
  }),
);

/** The same of several blocks of `unit` rows each, of `total` rows in all. */
const COMBINED = byLanes((lanes) =>
  pairs(lanes, {
    key: 'batch_norm/combined',
    inputs: ['means', 'squares'],
    integers: ['unit', 'total'],
    floats: ['factor'],
    code: `
      fn rowsOf(block : i32) -> f32 {
        return f32(min((block + 1) * uniforms.unit, uniforms.total) - block * uniforms.unit);
      }
      fn sums(c : i32, first : i32, end : i32) {
        let base = means[first * uniforms.channels + c];
        let count = f32(min(end * uniforms.unit, uniforms.total) - first * uniforms.unit);
        var mean = ${TYPES[lanes]}(0.0);
        for (var block = first + 1; block < end; block++) {
          mean += (rowsOf(block) / count) * (means[block * uniforms.channels + c] - base);
        }
        mean += base;
        var sum = ${TYPES[lanes]}(0.0);
        for (var block = first; block < end; block++) {
          let distance = means[block * uniforms.channels + c] - mean;
          sum += squares[block * uniforms.channels + c] + rowsOf(block) * distance * distance;
        }
        one = mean;
        other = sum * uniforms.factor;
      }`,
  }),
);

const ADDED = byLanes((lanes) =>
  pairs(lanes, {
    key: 'batch_norm/added',
    inputs: ['ones', 'twos'],
    integers: [],
    code: `
      fn sums(c : i32, first : i32, end : i32) {
        one = ${TYPES[lanes]}(0.0);
        other = ${TYPES[lanes]}(0.0);
        for (var block = first; block < end; block++) {
          one += ones[block * uniforms.channels + c];
          other += twos[block * uniforms.channels + c];
        }
      }`,
  }),
);

/** Makes the shaders for {@link sumPairs}, from code as for `pairs`. */
export function pairSums(make: (lanes: Lanes) => Shader): Readonly<Record<Lanes, Shader>> {
  return byLanes((lanes) => pairs(lanes, make(lanes)));
}

function runPairs(
  host: WebGPUHost,
  shaders: Readonly<Record<Lanes, Shader>>,
  inputs: readonly tf.TensorInfo[],
  { rows, channels, extent, ...uniforms }: Uniforms & { rows: number; channels: number; extent: number },
): Pair {
  const blocks = Math.ceil(rows / extent);
  const lanes = lanesOf(channels);
  const pair = [allocate(host, [blocks, channels]), allocate(host, [blocks, channels])] as const;
  const sizes = { channels: channels / lanes, rows, extent };
  const count = (blocks * channels) / lanes;
  runElements(host, shaders[lanes], inputs, pair[0], count, { ...uniforms, ...sizes }, [pair[1]]);
  return pair;
}

/** Combines blocks until one is left; each call gets the number of rows of a block. */
function combine(
  host: WebGPUHost,
  first: Pair,
  rows: number,
  channels: number,
  extent: number,
  next: (pair: Pair, blocks: number, unit: number) => Pair,
): Pair {
  let pair = first;
  let [blocks, unit] = [Math.ceil(rows / extent), extent];
  // A single block is combined too, so that the first call compiles everything that later calls need.
  do {
    const combined = next(pair, blocks, unit);
    dispose(host, ...pair);
    pair = combined;
    blocks = Math.ceil(blocks / BLOCKS);
    unit *= BLOCKS;
  } while (blocks > 1);
  const [one, other] = pair;
  return [
    { ...one, shape: [channels] },
    { ...other, shape: [channels] },
  ];
}

function extentOf(rows: number, channels: number): number {
  return Math.max(Math.ceil((rows * channels) / lanesOf(channels) / ENOUGH), LEAST_ROWS);
}

/** Mean and biased variance of each channel of x [rows, channels]. */
export function moments(host: WebGPUHost, x: tf.TensorInfo, rows: number, channels: number): Pair {
  const extent = extentOf(rows, channels);
  const pair = runPairs(host, MOMENTS, [x], { rows, channels, extent });
  return combine(host, pair, rows, channels, extent, (blocks, count, unit) => {
    const factor = count <= BLOCKS ? 1 / rows : 1;
    return runPairs(host, COMBINED, blocks, { rows: count, channels, extent: BLOCKS, unit, total: rows, factor });
  });
}

/** Two sums over the rows for each channel. */
export function sumPairs(
  host: WebGPUHost,
  shaders: Readonly<Record<Lanes, Shader>>,
  inputs: readonly tf.TensorInfo[],
  rows: number,
  channels: number,
  uniforms: Uniforms,
): Pair {
  const extent = extentOf(rows, channels);
  const pair = runPairs(host, shaders, inputs, { ...uniforms, rows, channels, extent });
  return combine(host, pair, rows, channels, extent, (blocks, count) =>
    runPairs(host, ADDED, blocks, { rows: count, channels, extent: BLOCKS }),
  );
}
