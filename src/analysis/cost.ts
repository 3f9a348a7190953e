/** Parameters and operations of a model, layer by layer and in total. */
import type * as tf from '@tensorflow/tfjs';
import { rangeError } from '../errors.js';
import type { ConvolutionWork, OtherOps } from '../layers/description.js';
import { foldModel, inputShapesOf, outputShapesOf } from './graph.js';
import { formatCount, formatShape, formatTable, formatType, shownAsText, type Column } from './report.js';
import { describeLayer } from './stock_layers.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

/** Numbers of parameters. */
export interface ParameterCount {
  readonly trainable: number;
  readonly nonTrainable: number;
}

/** Cost of one image. */
export interface Cost {
  readonly params: ParameterCount;
  /** Multiply-adds of convolutions and dense layers, except those that predict offsets. */
  readonly macs: number;
  /** Multiply-adds of convolutions that predict offsets. */
  readonly offsetMacs: number;
  readonly otherOps: OtherOps;
}

/** Cost of one call of a layer. Parameters of a shared layer count only in its first call. */
export interface LayerCost extends Cost {
  /** Name of the layer, prefixed with those of the nested models that contain it. */
  readonly name: string;
  /** Class name of the layer. */
  readonly type: string;
  /** Output shape without the batch axis. */
  readonly outputShape: readonly number[];
}

/** Result of {@link cost}; prints as a table and serialises to JSON. */
export interface CostReport {
  /** Shapes of the inputs, without the batch axis. */
  readonly inputShapes: readonly (readonly number[])[];
  /** Layers in the order of computation, without input layers. */
  readonly layers: readonly LayerCost[];
  readonly total: Cost;
  /** Layers without a description, whose operations are missing from the counts. */
  readonly uncounted: readonly string[];
  toString(): string;
}

/** Options of {@link cost}. */
export interface CostOptions {
  /** Shape of one image, or one shape per input, without the batch axis. @default the input shape of the model */
  readonly inputShape?: tf.Shape | readonly tf.Shape[];
}

const ACTION = 'count the cost of the model';
export const COST_OPTIONS = { inputShape: true } as const satisfies OptionNames<CostOptions>;

const NO_OPS: OtherOps = { bias: 0, normalization: 0, activation: 0, pooling: 0, sampling: 0 };
const NO_COST: Cost = { params: { trainable: 0, nonTrainable: 0 }, macs: 0, offsetMacs: 0, otherOps: NO_OPS };

/**
 * Counts the exact cost of one forward pass of one image.
 *
 * One MAC is one multiply-add of a convolution or dense layer (a transposed convolution counts input positions, not
 * output positions). Bias, normalisation, activation, pooling and bilinear sampling are counted separately, in
 * elements; additions of branches, padding and copies are not counted. A custom layer is counted if it has a `describe`
 * method (see {@link DescribedLayer}). Region layers and the layers after them are counted for one box.
 *
 * @param model any built tf.LayersModel, nested models included
 * @param options input shapes; see {@link CostOptions}
 * @returns costs per layer and in total; `toString()` gives a table
 * @throws TypeError for anything but a model; RangeError for unknown or incompatible shapes
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
  // Packed kernels hold two halves in an element.
  const packed = layer.getConfig()['precision'] === 'half';
  const perElement = ({ dtype }: tf.LayerVariable): number => (packed && dtype === 'int32' ? 2 : 1);
  const count = (weights: readonly tf.LayerVariable[]): number =>
    weights.reduce(
      (sum, weight) =>
        sum + weight.shape.reduce<number>((product, size) => product * (size ?? NaN), perElement(weight)),
      0,
    );
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
  const counts = (row: Cost): string[] =>
    [row.params.trainable + row.params.nonTrainable, row.macs, row.offsetMacs].map(formatCount);
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
