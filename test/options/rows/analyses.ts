/** Rows of the analyses. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import { but, count, imageShape, integer, knownName, list, pair, type Kind } from '../kinds.js';
import { row, type Row } from '../row.js';

let model: tf.LayersModel | undefined;

/** A deformable layer and a plain one over images of 6×6, which may have any size. */
const made = (): tf.LayersModel =>
  (model ??= tf.sequential({
    layers: [
      conv.layers.deformableConv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 1], name: 'first' }),
      conv.layers.conv2d({ filters: 2, kernelSize: 1, name: 'second' }),
    ],
  }));

let images: tf.Tensor4D | undefined;
const x = (): tf.Tensor4D => (images ??= tf.ones([1, 6, 6, 1]));

const shapes: Kind = but(imageShape, [8, 8, 2], [[8, 8, 1], [8, 8, 1]], [['8', 8, 1]], [null, null, 1]); // prettier-ignore
const position = but({ bad: () => pair(0).bad().filter((value) => typeof value !== 'number') }, 1, [9, 9]); // prettier-ignore

const input: Kind = { bad: () => [null, 5, NaN, 'text', true, {}, [], [1], new Float32Array(2), tf.ones([1, 6, 6]), tf.ones([1, 6, 6, 2]), tf.input({ shape: [6, 6, 1] })] }; // prettier-ignore

export const ANALYSIS_ROWS: readonly Row[] = [
  row<conv.CompareOptions>(
    'compare',
    (options) => conv.compare({ model: made() }, options),
    { inputShape: shapes, batchSize: count, x: input, runs: count, warmUp: integer(0) },
    { runs: 1, warmUp: 0 },
  ),
  row<conv.CostOptions>('cost', (options) => conv.cost(made(), options), { inputShape: shapes }),
  row<conv.EffectiveReceptiveFieldOptions>(
    'effectiveReceptiveField',
    (options) => conv.effectiveReceptiveField(made(), x(), options),
    { layer: knownName, position, channel: integer(0, 1) },
  ),
  row<conv.ReceptiveFieldOptions & { readonly layer?: string }>(
    'receptiveField',
    (options) => conv.receptiveField(made(), options as conv.ReceptiveFieldOptions),
    { inputShape: shapes, layer: knownName },
  ),
  row<conv.SamplingOptions>('samplingLocations', (options) => conv.samplingLocations(made(), x(), options), {
    layer: but(knownName, 'second'),
    positions: list(position, [0, 0]),
    trace: but(integer(1, 1), 'nonsense', 'ALL'),
  }),
  row<conv.CostOptions>('separableSavings', (options) => conv.separableSavings(made(), options), {
    inputShape: shapes,
  }),
];
