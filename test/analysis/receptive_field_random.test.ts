/**
 * receptiveField() against brute force on random graphs. All weights are positive, so an output is positive exactly where
 * it sees the one row of pixels that is lit; one batch lights each row once. The reported field of a
 * position must be the rows that light it up, wherever the field does not touch the border, where padding hides a part.
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { Random } from '../support/random.js';

const SEED = Number(process.env['PROPERTY_SEED'] ?? 1);
const GRAPHS = Number(process.env['PROPERTY_RUNS'] ?? 500);

/** A whole number from `low` to `high`. */
type Draw = (low: number, high: number) => number;

/** A pair with the value on the axis under test and 1 on the other. */
type OnAxis = (value: number) => [number, number];

type Step = (draw: Draw, on: OnAxis, size: number) => tf.layers.Layer;

const ones = { useBias: false, kernelInitializer: 'ones' } as const;
const depthwiseOnes = { useBias: false, depthwiseInitializer: 'ones' } as const;

/** Amounts before and after on the axis under test, none on the other. */
const sides = (on: OnAxis, before: number, after: number): [[number, number], [number, number]] =>
  on(2)[0] === 2 ? [[before, after], [0, 0]] : [[0, 0], [before, after]]; // prettier-ignore

const STEPS: Record<string, Step> = {
  convolution: (draw, on) =>
    conv.layers.conv2d({
      ...ones,
      filters: 1,
      kernelSize: on(draw(1, 4)),
      strides: on(draw(1, 3)),
      dilationRate: on(draw(1, 3)),
      padding: sides(on, draw(0, 3), draw(0, 3)),
    }),
  'same convolution': (draw, on) =>
    conv.layers.conv2d({ ...ones, filters: 1, kernelSize: on(draw(1, 5)), strides: on(draw(1, 3)), padding: 'same' }),
  'stock convolution': (draw, on) =>
    tf.layers.conv2d({ ...ones, filters: 1, kernelSize: on(draw(2, 4)), padding: draw(0, 1) ? 'same' : 'valid' }),
  depthwise: (draw, on) =>
    conv.layers.depthwiseConv2d({ ...depthwiseOnes, kernelSize: on(draw(1, 3)), dilationRate: on(draw(1, 3)) }),
  transposed: (draw, on) => {
    const [kernel, stride] = [draw(1, 5), draw(1, 3)];
    const padding = sides(on, draw(0, 1), draw(0, 1));
    return conv.layers.conv2dTranspose({
      ...ones,
      filters: 1,
      kernelSize: on(kernel),
      strides: on(stride),
      dilationRate: on(draw(1, 2)),
      padding,
    });
  },
  'same transposed': (draw, on) =>
    conv.layers.conv2dTranspose({ ...ones, filters: 1, kernelSize: on(draw(2, 4)), strides: on(2), padding: 'same' }),
  'stock transposed': (draw, on) =>
    tf.layers.conv2dTranspose({
      ...ones,
      filters: 1,
      kernelSize: on(draw(1, 4)),
      strides: on(draw(1, 3)),
      padding: draw(0, 1) ? 'same' : 'valid',
    }),
  'nearest up-sampling': (draw, on) => tf.layers.upSampling2d({ size: on(draw(2, 3)) }),
  'bilinear up-sampling': (draw, on) => tf.layers.upSampling2d({ size: on(draw(2, 3)), interpolation: 'bilinear' }),
  "up-sampling with Keras's values": (draw, on) =>
    conv.layers.upSampling2d({ size: on(draw(2, 3)), interpolation: draw(0, 1) ? 'nearest' : 'bilinear' }),
  resizing: (draw, on, size) => {
    const [height, width] = on(Math.ceil((size * draw(6, 17)) / 10));
    return conv.layers.resizing({ height, width, interpolation: draw(0, 1) ? 'nearest' : 'bilinear' });
  },
  'own pooling': (draw, on) => {
    const [before, after] = [draw(0, 1), draw(0, 1)];
    const args = { poolSize: on(draw(2, 3)), strides: on(draw(1, 3)), padding: sides(on, before, after) };
    return draw(0, 1) ? conv.layers.maxPooling2d(args) : conv.layers.averagePooling2d(args);
  },
  'average pooling': (draw, on) =>
    tf.layers.averagePooling2d({ poolSize: on(draw(2, 3)), strides: on(draw(1, 2)), padding: 'valid' }),
  'maximum pooling': (draw, on) =>
    tf.layers.maxPooling2d({ poolSize: on(draw(2, 3)), strides: on(draw(1, 2)), padding: 'same' }),
  cropping: (draw, on) => tf.layers.cropping2D({ cropping: sides(on, draw(0, 3), draw(0, 3)) }),
  padding: (draw, on) => tf.layers.zeroPadding2d({ padding: sides(on, draw(0, 3), draw(0, 3)) }),
  nested: (draw, on, size) => {
    const inputShape = on(2)[0] === 2 ? [size, 1, 1] : [1, size, 1];
    const model = tf.sequential();
    model.add(conv.layers.conv2d({ ...ones, filters: 1, kernelSize: on(draw(1, 3)), inputShape }));
    model.add(tf.layers.upSampling2d({ size: on(2) }));
    return model;
  },
};
const KINDS = Object.values(STEPS);

interface Graph {
  readonly model: tf.LayersModel;
  /** Pixels of the image along the axis under test. */
  readonly size: number;
}

/** A chain of steps in which some parts are branches that merge again, shifted against each other. */
function randomGraph(draw: Draw, axis: 0 | 1): Graph {
  const on: OnAxis = (value) => (axis === 0 ? [value, 1] : [1, value]);
  const size = draw(80, 110);
  const sizeOf = (x: tf.SymbolicTensor): number => x.shape[axis + 1]!;
  const step = (x: tf.SymbolicTensor): tf.SymbolicTensor => {
    const layer = KINDS[draw(0, KINDS.length - 1)]!(draw, on, sizeOf(x));
    return layer.apply(x) as tf.SymbolicTensor;
  };
  /** Two branches of the same strides: what one does is undone by none, so both take the same steps but for the reads. */
  const branches = (x: tf.SymbolicTensor): tf.SymbolicTensor => {
    const strides = draw(1, 2);
    const arm = (): tf.SymbolicTensor => {
      const convolved = conv.layers
        .conv2d({
          ...ones,
          filters: 1,
          kernelSize: on(draw(1, 4)),
          dilationRate: on(draw(1, 3)),
          strides: on(strides),
          padding: sides(on, draw(0, 3), draw(0, 3)),
        })
        .apply(x) as tf.SymbolicTensor;
      if (draw(0, 2) > 0) return convolved;
      const smaller = tf.layers.maxPooling2d({ poolSize: on(2), strides: on(2) }).apply(convolved);
      return tf.layers.upSampling2d({ size: on(2) }).apply(smaller) as tf.SymbolicTensor;
    };
    const arms = [arm(), arm()];
    const shortest = Math.min(...arms.map(sizeOf));
    const cropped = arms.map((one) => {
      const before = draw(0, sizeOf(one) - shortest);
      const cropping = sides(on, before, sizeOf(one) - shortest - before);
      return tf.layers.cropping2D({ cropping }).apply(one) as tf.SymbolicTensor;
    });
    const join = draw(0, 1) ? tf.layers.add() : tf.layers.concatenate();
    return join.apply(cropped) as tf.SymbolicTensor;
  };
  const input = tf.input({ shape: axis === 0 ? [size, 1, 1] : [1, size, 1] });
  let x = input;
  for (let depth = draw(2, 5); depth > 0; depth--) {
    if (sizeOf(x) > 16) x = x.shape[3] === 1 && draw(0, 2) === 0 ? branches(x) : step(x);
    // One channel again, for the depthwise and nested steps.
    if (x.shape[3] !== 1) x = conv.layers.pointwiseConv2d({ ...ones, filters: 1 }).apply(x) as tf.SymbolicTensor;
  }
  return { model: tf.model({ inputs: input, outputs: x }), size };
}

/** First and last pixel that lights each output position; null if none does. */
function brightened(model: tf.LayersModel, size: number, axis: 0 | 1): conv.Interval[] {
  const answers = tf.tidy(() => {
    const lit = tf.reshape(tf.eye(size), axis === 0 ? [size, size, 1, 1] : [size, 1, size, 1]);
    const y = model.predict(lit, { batchSize: size }) as tf.Tensor4D;
    return tf.transpose(tf.reshape(tf.max(y, 3), [size, -1])).arraySync() as number[][];
  });
  return answers.map((pixels) => {
    const least = 1e-4 * Math.max(...pixels);
    const seen = pixels.map((value) => value > least);
    return seen.includes(true) ? [seen.indexOf(true), seen.lastIndexOf(true)] : null;
  });
}

/** Reported field of position i of a layer. */
function said({ shift, intervals }: conv.AxisField, position: number): conv.Interval {
  const period = Math.floor(position / intervals.length);
  const interval = intervals[position % intervals.length] ?? null;
  return interval && [interval[0] + period * shift, interval[1] + period * shift];
}

/** Compares all positions of a graph; the result is how many were compared exactly, and how many phases. */
function compareGraph({ model, size }: Graph, axis: 0 | 1): { readonly exact: number; readonly phases: number } {
  const field = conv.receptiveField(model).layers.at(-1)!;
  const phases = field.phases[axis];
  // What is cropped in between and padded again hides more than the field's own extent.
  const margin = Math.max(field.size[axis], size / 3);
  let exact = 0;
  const wrong: unknown[] = [];
  brightened(model, size, axis).forEach((seen, position) => {
    const interval = said(phases, position);
    if (interval === null) {
      if (seen !== null) wrong.push({ position, seen, interval });
    } else if (interval[0] >= margin && interval[1] < size - margin) {
      if (seen?.[0] !== interval[0] || seen[1] !== interval[1]) wrong.push({ position, seen, interval });
      exact++;
    } else if (seen !== null && !(seen[0] >= interval[0] && seen[1] <= interval[1])) {
      wrong.push({ position, seen, interval });
    }
  });
  expect(wrong).toEqual([]);
  return { exact, phases: phases.intervals.length };
}

beforeAll(() => tf.setBackend('wasm'));

describe(`receptiveField() of ${GRAPHS} random graphs, PROPERTY_SEED=${SEED}`, () => {
  it('equals brute force exactly, with any upsampling and merging of branches', () => {
    let [compared, uneven] = [0, 0];
    for (let index = 0; index < GRAPHS; index++) {
      const random = new Random(SEED + index);
      const draw: Draw = (low, high) => random.integer(low, high);
      const axis = (index % 2) as 0 | 1;
      tf.engine().startScope();
      try {
        const graph = randomGraph(draw, axis);
        const { exact, phases } = compareGraph(graph, axis);
        if (exact >= Math.min(phases, 8)) compared++;
        if (phases > 1) uneven++;
      } catch (error) {
        throw new Error(`graph ${index} (PROPERTY_SEED=${SEED + index} PROPERTY_RUNS=1): ${(error as Error).message}`, {
          cause: error,
        });
      } finally {
        tf.engine().endScope();
      }
    }
    // The fields of nearly all graphs are smaller than the image, so that every phase was compared, or several of many.
    expect(compared).toBeGreaterThan(0.9 * GRAPHS);
    if (GRAPHS > 100) expect(uneven).toBeGreaterThan(0.3 * GRAPHS);
  });
});
