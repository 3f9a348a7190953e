/** Parameters and operations of a model, layer by layer and in total. */
import type * as tf from '@tensorflow/tfjs';
import { rangeError } from '../errors.js';
import type { ConvolutionWork, OtherOps } from '../layers/description.js';
import { foldModel, inputShapesOf, outputShapesOf } from './graph.js';
import { formatCount, formatShape, formatTable, formatType, shownAsText, type Column } from './report.js';
import { describeLayer } from './stock_layers.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

/** Numbers in weights. */
export interface ParameterCount {
  readonly trainable: number;
  readonly nonTrainable: number;
}

/** What one image costs. */
export interface Cost {
  readonly params: ParameterCount;
  /** Multiply-adds of convolutions and dense layers, those that predict offsets excepted. */
  readonly macs: number;
  /** Multiply-adds of the convolutions that predict where deformable kernels look. */
  readonly offsetMacs: number;
  readonly otherOps: OtherOps;
}

/** What one use of a layer costs. A layer that is used again counts its parameters only once. */
export interface LayerCost extends Cost {
  /** Name of the layer, after those of nested models that hold it. */
  readonly name: string;
  /** Class of the layer. */
  readonly type: string;
  /** Without the batch axis. */
  readonly outputShape: readonly number[];
}

/** Result of {@link cost}; prints as a table and serialises to JSON. */
export interface CostReport {
  /** Shapes of the inputs that were counted for, without the batch axis. */
  readonly inputShapes: readonly (readonly number[])[];
  /** In the order of computation, input layers left out. */
  readonly layers: readonly LayerCost[];
  readonly total: Cost;
  /** Layers of classes that nobody described, whose operations are missing in the counts. */
  readonly uncounted: readonly string[];
  toString(): string;
}

/** Options of {@link cost}. */
export interface CostOptions {
  /** Sizes of one image, or of one of each input, without the batch axis. @default what the model was built for */
  readonly inputShape?: tf.Shape | readonly tf.Shape[];
}

const ACTION = 'count the cost of the model';
export const COST_OPTIONS = { inputShape: true } as const satisfies OptionNames<CostOptions>;

const NO_OPS: OtherOps = { bias: 0, normalization: 0, activation: 0, pooling: 0, sampling: 0 };
const NO_COST: Cost = { params: { trainable: 0, nonTrainable: 0 }, macs: 0, offsetMacs: 0, otherOps: NO_OPS };

/**
 * Counts what one forward pass of one image costs, exactly.
 *
 * One MAC is one multiply-add of a convolution or dense layer (a transposed convolution counts input positions, not
 * output ones). Bias, normalisation, activation, pooling and bilinear sampling are counted in elements, apart; additions
 * of branches, padding and copies are not counted. A layer of your own is counted when it has a `describe` method (see
 * {@link DescribedLayer}). Of regions of interest, and of what follows them, one box is counted.
 *
 * @param model any built tf.LayersModel, nested models included
 * @param options sizes to count for; see {@link CostOptions}
 * @returns per layer and in total; `toString()` gives a table
 * @throws TypeError for something else than a model; RangeError for sizes that are open or do not fit
 * @see Howard et al., "MobileNets" (2017), section 3.1 and Table 4
 * @example
 * ```ts
 * const report = conv.cost(conv.mobileNetV1({ alpha: 0.25 }), { inputShape: [128, 128, 3] });
 * console.log(report.total.params.trainable); // 470072
 * console.log(report.toString());
 * ```
 */
export function cost(model: tf.LayersModel, options: CostOptions = {}): CostReport {
  checkOptions(ACTION, options, COST_OPTIONS);
  const inputs = inputShapesOf(ACTION, model, options.inputShape);
  const layers: LayerCost[] = [];
  const uncounted: string[] = [];
  foldModel(model, inputs, ({ layer, path, repeated }, shapes) => {
    const outputs = outputShapesOf(layer, shapes);
    const output = outputs[0]!;
    if (output.some((size) => size === null || !(size >= 1))) {
      throw rangeError(ACTION, `layer '${path}' must have an output`, 'output shape', output.slice(1));
    }
    const description = describeLayer(layer, shapes, output);
    if (description === undefined) uncounted.push(path);
    layers.push({
      name: path,
      type: formatType(layer.getClassName()),
      outputShape: output.slice(1) as number[],
      params: repeated ? NO_COST.params : parametersOf(layer),
      macs: macsOf(description?.convolutions, 'main'),
      offsetMacs: macsOf(description?.convolutions, 'offset'),
      otherOps: { ...NO_OPS, ...description?.otherOps },
    });
    return outputs;
  });
  const result = {
    inputShapes: inputs.map((shape) => shape.slice(1) as number[]),
    layers,
    total: layers.reduce(add, NO_COST),
    uncounted,
  };
  return shownAsText({ ...result, toString: () => format(result) });
}

/** Multiply-adds of one convolution. */
export function macs({ kernelSize, inChannels, outChannels, groups, positions }: ConvolutionWork): number {
  const taps = kernelSize.reduce((product, size) => product * size, 1);
  return positions * taps * (inChannels / groups) * outChannels;
}

function macsOf(convolutions: readonly ConvolutionWork[] = [], role: ConvolutionWork['role']): number {
  return convolutions.filter((work) => work.role === role).reduce((sum, work) => sum + macs(work), 0);
}

function parametersOf(layer: tf.layers.Layer): ParameterCount {
  const count = (weights: readonly tf.LayerVariable[]): number =>
    weights.reduce((sum, { shape }) => sum + shape.reduce<number>((product, size) => product * (size ?? NaN), 1), 0);
  return { trainable: count(layer.trainableWeights), nonTrainable: count(layer.nonTrainableWeights) };
}

function add(a: Cost, b: Cost): Cost {
  return {
    params: {
      trainable: a.params.trainable + b.params.trainable,
      nonTrainable: a.params.nonTrainable + b.params.nonTrainable,
    },
    macs: a.macs + b.macs,
    offsetMacs: a.offsetMacs + b.offsetMacs,
    otherOps: {
      bias: a.otherOps.bias + b.otherOps.bias,
      normalization: a.otherOps.normalization + b.otherOps.normalization,
      activation: a.otherOps.activation + b.otherOps.activation,
      pooling: a.otherOps.pooling + b.otherOps.pooling,
      sampling: a.otherOps.sampling + b.otherOps.sampling,
    },
  };
}

function format({ inputShapes, layers, total, uncounted }: Omit<CostReport, 'toString'>): string {
  const deformable = total.offsetMacs > 0;
  const columns: Column[] = [
    { title: 'layer', align: 'left' },
    { title: 'type', align: 'left' },
    { title: 'output', align: 'right' },
    { title: 'params', align: 'right' },
    { title: 'MACs', align: 'right' },
    ...(deformable ? [{ title: 'offset MACs', align: 'right' } as const] : []),
  ];
  const counts = ({ params, macs, offsetMacs }: Cost): string[] =>
    [params.trainable + params.nonTrainable, macs, offsetMacs].map(formatCount);
  const rows = layers.map((layer) => [layer.name, layer.type, formatShape(layer.outputShape), ...counts(layer)]);
  const input = inputShapes.map(formatShape).join(', ');
  const { trainable, nonTrainable } = total.params;
  const others = Object.entries(total.otherOps).map(([name, count]) => `${name} ${formatCount(count as number)}`);
  return [
    formatTable(columns, [...rows, [], ['total', '', `for ${input}`, ...counts(total)]]),
    `parameters: ${formatCount(trainable)} trainable, ${formatCount(nonTrainable)} not`,
    `other operations: ${others.join(', ')}`,
    ...(uncounted.length > 0 ? [`not counted, as their classes are not described: ${uncounted.join(', ')}`] : []),
  ].join('\n');
}
