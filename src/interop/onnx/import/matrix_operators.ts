/** Matrix products, layer normalisation and reductions. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../../layers/registry.js';
import { transpose } from '../arrange_weights.js';
import { NotImportable } from './import_error.js';
import type { NodeUse, Operators } from './node_use.js';
import type { LayerSpec, WeightValues } from './planned.js';
import { known } from './sizes.js';
import { axisOf, type Axis, type Value } from './value.js';
import { scaled, vector } from './weights.js';

function gemm(use: NodeUse): Value {
  use.expect('transA', use.number('transA', 0), [0]);
  const given = use.floats(1);
  const matrix = use.number('transB', 0) === 1 ? transpose(given, [1, 0]) : given;
  const bias = use.has(2) ? scaled(use.floats(2), use.number('beta', 1)) : undefined;
  return dense(use, scaled(matrix, use.number('alpha', 1)), bias?.values);
}

function matMul(use: NodeUse): Value {
  return dense(use, use.floats(1), undefined);
}

/** Multiplies the last axis by a matrix [inputs, outputs]. */
function dense(use: NodeUse, matrix: WeightValues, bias: Float32Array | undefined): Value {
  const { planner, node } = use;
  const given = use.tensor();
  const rank = given.axes.length;
  const last = given.axes.at(-1)!;
  const [inputs, outputs] = matrix.shape as [number, number];
  if (matrix.shape.length !== 2 || rank < 2 || rank > 4) {
    throw new NotImportable('it must multiply tensors of rank 2 to 4 by a matrix');
  }
  if (known(planner.sizeOf(last)) !== inputs) {
    throw new NotImportable(`its matrix must have as many rows as its input has columns`);
  }
  // A flattened image keeps its order, and the rows of the matrix change theirs.
  const order = rank === 2 ? given.stored.flat().filter((atom) => last.includes(atom)) : last;
  const kernel = rowsInOrder(matrix, last, order);
  const x = planner.arrange({ ...given, axes: [...given.axes.slice(0, -1), order] }, [...given.axes.keys()], node.name);
  const weights: Record<string, WeightValues> = { kernel };
  if (bias !== undefined) weights['bias'] = vector(bias.length === 1 ? new Float32Array(outputs).fill(bias[0]!) : bias);
  if (weights['bias'] !== undefined && weights['bias'].shape[0] !== outputs) {
    throw new NotImportable(`its third input must have one number, or ${outputs}`);
  }
  const axes = [...given.axes.slice(0, -1), axisOf(outputs)];
  if (rank < 4) {
    const create: LayerSpec['create'] = ({ name, has, kernelInitializer }) =>
      tf.layers.dense({ name, units: outputs, useBias: has('bias'), kernelInitializer });
    return use.layer({ create, kernel: 'kernel', weights }, [x], axes, axes);
  }
  const create: LayerSpec['create'] = ({ name, has, kernelInitializer }) =>
    layers.conv2d({ name, filters: outputs, kernelSize: 1, useBias: has('bias'), kernelInitializer });
  weights['kernel'] = { shape: [1, 1, inputs, outputs], values: kernel.values };
  return use.layer({ create, kernel: 'kernel', weights }, [x], axes, axes);
}

/** Rows of a matrix in another order of the atoms of its input. */
function rowsInOrder(matrix: WeightValues, from: Axis, to: Axis): WeightValues {
  if (from.every((atom, index) => atom === to[index])) return matrix;
  const sizes = from.map(({ size }) => known(size));
  const perm = [...to.map((atom) => from.indexOf(atom)), from.length];
  const { values } = transpose({ shape: [...sizes, matrix.shape[1]!], values: matrix.values }, perm);
  return { shape: matrix.shape, values };
}

function layerNormalization(use: NodeUse): Value {
  const given = use.tensor();
  const rank = given.axes.length;
  const axis = use.axis(use.number('axis', -1), rank);
  if (axis !== rank - 1) throw new NotImportable('its axis must be the last');
  if (use.node.outputs.slice(1).some((output) => use.around.uses(output) > 0)) {
    throw new NotImportable('only its first output may be used');
  }
  const x = use.planner.arrange(given, [...given.axes.keys()], use.node.name);
  const channels = known(use.planner.sizeOf(given.axes.at(-1)!));
  const gamma = use.floats(1).values;
  const beta = use.has(2) ? use.floats(2).values : new Float32Array(gamma.length);
  if (gamma.length !== channels || beta.length !== channels) {
    throw new NotImportable(`its weights must be for ${channels} channels`);
  }
  const epsilon = use.number('epsilon', 1e-5);
  const spec: LayerSpec = {
    create: ({ name }) => tf.layers.layerNormalization({ name, axis: -1, epsilon }),
    weights: { gamma: vector(gamma), beta: vector(beta) },
  };
  return use.elementwise(spec, x);
}

type Reduction = 'mean' | 'max' | 'min' | 'sum';

/** A layer that multiplies by a number. */
const times = (scale: number): LayerSpec => ({
  create: ({ name }) => tf.layers.rescaling({ name, scale, offset: 0 }),
});

/** Reduces rows and columns, or the steps of a sequence. */
function reduce(use: NodeUse, reduction: Reduction, given: readonly number[], keeps: boolean): Value {
  const { planner, node } = use;
  const value = use.tensor();
  const rank = value.axes.length;
  const axes = given.map((axis) => use.axis(axis, rank)).sort((a, b) => a - b);
  const kept = [...value.axes.keys()].filter((axis) => axis > 0 && !axes.includes(axis));
  const isPooling = (rank === 4 && axes.length === 2) || (rank === 3 && axes.length === 1);
  if (!isPooling || axes.includes(0)) {
    throw new NotImportable('it must reduce the rows and columns of an image, or the steps of a sequence');
  }
  const arranged = planner.arrange(value, [0, ...axes, ...kept], node.name);
  // The minimum is the maximum of the negative.
  const x = reduction === 'min' ? use.extra('negative', times(-1), arranged) : arranged;
  const count =
    reduction === 'sum' ? known(planner.sizes.product(axes.map((axis) => planner.sizeOf(value.axes[axis]!)))) : 1;
  const create: LayerSpec['create'] = ({ name }) => {
    const isMax = reduction === 'max' || reduction === 'min';
    if (rank === 3) return isMax ? tf.layers.globalMaxPooling1d({ name }) : tf.layers.globalAveragePooling1d({ name });
    const args = { name, dataFormat: 'channelsLast' } as const;
    return isMax ? tf.layers.globalMaxPooling2d(args) : tf.layers.globalAveragePooling2d(args);
  };
  const result = value.axes.flatMap((axis, index): Axis[] => (axes.includes(index) ? (keeps ? [[]] : []) : [axis]));
  const pooled = use.layer({ create }, [x], result, [value.axes[0]!, value.axes[kept[0]!]!]);
  if (reduction === 'min') return use.extra('minimum', times(-1), pooled);
  return count === 1 ? pooled : use.extra('sum', times(count), pooled);
}

const reduction = (type: Reduction): Operators[string] => ({
  attributes: ['axes', 'keepdims', 'noop_with_empty_axes'],
  build: (use) => {
    const axes = use.numbers(1, 'axes');
    if (axes === undefined) throw new NotImportable('its axes must be given');
    return reduce(use, type, axes, use.number('keepdims', 1) === 1);
  },
});

export const MATRIX_OPERATORS: Operators = {
  Gemm: { attributes: ['alpha', 'beta', 'transA', 'transB'], build: gemm },
  GlobalAveragePool: { build: (use) => reduce(use, 'mean', [2, 3], true) },
  GlobalMaxPool: { build: (use) => reduce(use, 'max', [2, 3], true) },
  LayerNormalization: { attributes: ['axis', 'epsilon', 'stash_type'], build: layerNormalization },
  MatMul: { build: matMul },
  ReduceMax: reduction('max'),
  ReduceMean: reduction('mean'),
  ReduceMin: reduction('min'),
  ReduceSum: reduction('sum'),
};
