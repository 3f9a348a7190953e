/** Savings of depthwise separable convolutions over full ones: the ratio 1/N + 1/K² of the MobileNet paper. */
import type * as tf from '@tensorflow/tfjs';
import type { ConvolutionWork, LayerDescription } from '../layers/description.js';
import { COST_OPTIONS, macs, type CostOptions } from './cost.js';
import { foldModel, inputShapesOf, outputShapesOf, type Shaped } from './graph.js';
import { formatCount, formatShape, formatTable, shownAsText } from './report.js';
import { describeLayer } from './stock_layers.js';
import { checkOptions } from '../support/check_options.js';

/** A depthwise convolution and the pointwise one that follows it. */
export interface SeparableBlock {
  /** Name of the depthwise layer. */
  readonly depthwise: string;
  /** Name of the pointwise layer; equal to `depthwise` if one layer holds both. */
  readonly pointwise: string;
  readonly kernelSize: readonly number[];
  readonly inChannels: number;
  readonly outChannels: number;
  /** Multiply-adds of the two convolutions. */
  readonly macs: number;
  /** Multiply-adds of a full convolution with the same kernel size, input and output. */
  readonly fullMacs: number;
  /** macs / fullMacs. */
  readonly ratio: number;
  /** Ratio predicted by the paper: 1 / outChannels + 1 / taps (times the depth multiplier). */
  readonly predicted: number;
}

/** Result of {@link separableSavings}; prints as a table and serialises to JSON. */
export interface SeparableReport {
  readonly blocks: readonly SeparableBlock[];
  /** Total of all blocks. */
  readonly total: { readonly macs: number; readonly fullMacs: number; readonly ratio: number };
  toString(): string;
}

const ACTION = 'compare the model with full convolutions';

/** A depthwise convolution whose output no other convolution has read yet. */
interface Open extends Shaped {
  readonly depthwise?: { readonly path: string; readonly work: ConvolutionWork };
}

/**
 * Compares every depthwise separable convolution of a model with the equivalent full convolution.
 *
 * A block is a layer that holds both parts, or a depthwise layer and a 1×1 convolution with only normalisation and
 * activation in between. Convolutions that predict offsets are excluded: the full form would have them too.
 *
 * @param model any built tf.LayersModel
 * @param options input shapes, as in {@link cost}
 * @returns the multiply-adds of both forms of each block, their ratio, and the paper's 1/N + 1/K²
 * @throws TypeError for anything but a model; RangeError for unknown or incompatible shapes
 * @see Howard et al., "MobileNets" (2017), section 3.1
 * @example
 * ```ts
 * const { blocks } = conv.separableSavings(conv.mobileNetV1({ alpha: 0.5 }));
 * console.log(blocks[0].ratio.toFixed(4), blocks[0].predicted.toFixed(4)); // 0.1424 0.1424
 * ```
 */
export function separableSavings(model: tf.LayersModel, options: CostOptions = {}): SeparableReport {
  checkOptions(ACTION, options, COST_OPTIONS);
  const inputs = inputShapesOf(ACTION, model, options.inputShape);
  const blocks: SeparableBlock[] = [];
  foldModel<Open>(
    model,
    inputs.map((shape) => ({ shape })),
    ({ layer, path }, values) => {
      const shapes = values.map(({ shape }) => shape);
      const outputs = outputShapesOf(layer, shapes);
      const description = describeLayer(layer, shapes, outputs[0]!);
      const open = values.length === 1 ? values[0]!.depthwise : undefined;
      const [first, second] = mainConvolutions(description);
      const together = first !== undefined && second !== undefined;
      if (together && isBlock(first, second)) blocks.push(compare(path, first, path, second));
      if (!together && first !== undefined && open !== undefined && isBlock(open.work, first)) {
        blocks.push(compare(open.path, open.work, path, first));
      }
      const depthwise = first === undefined && passesThrough(description) ? open : opened(path, first, second);
      return outputs.map((shape) => ({ shape, ...(depthwise && { depthwise }) }));
    },
  );
  const separable = blocks.reduce((sum, block) => sum + block.macs, 0);
  const full = blocks.reduce((sum, block) => sum + block.fullMacs, 0);
  const result = { blocks, total: { macs: separable, fullMacs: full, ratio: full === 0 ? 1 : separable / full } };
  return shownAsText({ ...result, toString: () => format(result) });
}

function mainConvolutions(description: LayerDescription | undefined): ConvolutionWork[] {
  return (description?.convolutions ?? []).filter(({ role }) => role === 'main');
}

/** Depthwise convolution that a layer leaves to be paired with a following pointwise one. */
function opened(
  path: string,
  first: ConvolutionWork | undefined,
  second: ConvolutionWork | undefined,
): Open['depthwise'] {
  return first !== undefined && second === undefined ? { path, work: first } : undefined;
}

/** True if the two are depthwise and pointwise, over the same positions. */
function isBlock(first: ConvolutionWork, second: ConvolutionWork): boolean {
  const isDepthwise = first.groups === first.inChannels && first.groups > 1;
  const isPointwise = second.groups === 1 && second.kernelSize.length === 2 && second.kernelSize.every((k) => k === 1);
  return isDepthwise && isPointwise && first.positions === second.positions;
}

/** True if the layer is pointwise and without convolutions, like normalisation and activation. */
function passesThrough(description: LayerDescription | undefined): boolean {
  const window = description?.windows[0];
  return window !== undefined && !window.global && [...window.size, ...window.strides].every((size) => size === 1);
}

function compare(
  depthwise: string,
  first: ConvolutionWork,
  pointwise: string,
  second: ConvolutionWork,
): SeparableBlock {
  const { kernelSize, inChannels } = first;
  const { outChannels, positions } = second;
  const taps = kernelSize.reduce((product, size) => product * size, 1);
  const separableMacs = macs(first) + macs(second);
  const fullMacs = macs({ role: 'main', kernelSize, inChannels, outChannels, groups: 1, positions });
  return {
    depthwise,
    pointwise,
    kernelSize,
    inChannels,
    outChannels,
    macs: separableMacs,
    fullMacs,
    ratio: separableMacs / fullMacs,
    predicted: (first.outChannels / inChannels) * (1 / outChannels + 1 / taps),
  };
}

function format({ blocks, total }: Omit<SeparableReport, 'toString'>): string {
  const columns = [
    { title: 'block', align: 'left' },
    { title: 'kernel', align: 'left' },
    { title: 'channels', align: 'right' },
    { title: 'separable MACs', align: 'right' },
    { title: 'full MACs', align: 'right' },
    { title: 'ratio', align: 'right' },
    { title: '1/N + 1/K²', align: 'right' },
  ] as const;
  const rows = blocks.map((block) => [
    block.depthwise === block.pointwise ? block.pointwise : `${block.depthwise} → ${block.pointwise}`,
    formatShape(block.kernelSize),
    `${block.inChannels} → ${block.outChannels}`,
    formatCount(block.macs),
    formatCount(block.fullMacs),
    block.ratio.toFixed(4),
    block.predicted.toFixed(4),
  ]);
  const sum = ['total', '', '', formatCount(total.macs), formatCount(total.fullMacs), total.ratio.toFixed(4)];
  return formatTable(columns, [...rows, [], sum]);
}
