/**
 * Where the kernels of a deformable layer look, in pixels of the image that the model was given.
 *
 * A position v of the layer's input sees a field of the image around v·S − P + (r − 1) / 2, with r, S and P of
 * `receptiveField`; a tap that reads v between positions looks at the same place, without rounding. Traced through several
 * deformable layers, v lies between four positions of the layer below (found by the same formula from layer to layer), and
 * each of its taps reads between where it reads at those four.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError, typeError } from '../errors.js';
import { middleOf, spatialSize, type Axes } from './field_trace.js';
import { checkInputs, imageInputOf, runModel } from './graph.js';
import { inputLayout } from './layout.js';
import { formatTable, shownAsText, type Column } from './report.js';
import { chainFrom, deformableUses, type DeformableUse } from './sampling_chain.js';
import { traceSamples, type Level, type TapValues } from './sampling_trace.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

/** One sample. */
export interface SamplingTap {
  /** Row in the image, in pixels; pixel centres are whole numbers, and places outside the image occur. */
  readonly y: number;
  /** Column in the image, in pixels. */
  readonly x: number;
  /** How much the sample counts: its mask, or 1; traced through several layers, the product of their masks. */
  readonly weight: number;
}

/** What one output position of the layer looks at. */
export interface SamplingPosition {
  /** [row, column] in the layer's output. */
  readonly position: Axes;
  /** Centre of the position's receptive field at zero offsets: (y, x) in pixels of the image. */
  readonly center: { readonly y: number; readonly x: number };
  /** In the order of the op: offset group, then tap, row by row; traced, those of the layer below for each of these. */
  readonly taps: readonly SamplingTap[];
  /** Root mean square distance of the samples from their mean, in pixels of the image; each counts by the size of its weight. */
  readonly spread: number;
}

/** Result of {@link samplingLocations}; prints as a table and serialises to JSON. */
export interface SamplingLocations {
  readonly layer: string;
  /** The deformable layers that the samples went through: the layer itself, then those before it. */
  readonly through: readonly string[];
  /** [height, width] of the images. */
  readonly imageSize: Axes;
  /** [height, width] of the layer's output. */
  readonly outputSize: Axes;
  readonly kernelSize: Axes;
  /** Pixels of the image between neighbouring taps of a plain convolution with the same window; 0 along an axis with one tap. */
  readonly tapSpacing: Axes;
  /** Parts of the channels with taps of their own. */
  readonly offsetGroups: number;
  /** For each image the positions that were asked for. */
  readonly images: readonly (readonly SamplingPosition[])[];
  toString(): string;
}

/** Options of {@link samplingLocations}. */
export interface SamplingOptions {
  /** Name of a deformable layer; in a nested model after the model's: `features/conv`. @default the last one */
  readonly layer?: string;
  /** Output positions [row, column]. @default all, row by row */
  readonly positions?: readonly Axes[];
  /**
   * Deformable layers that the samples go through, the layer itself included: three of 3×3 give 9³ = 729 places for each
   * position. Of the layers between them, each sample takes the middle. @default 1
   */
  readonly trace?: number | 'all';
}

const ACTION = 'find sampling locations';
const OPTIONS = { layer: true, positions: true, trace: true } as const satisfies OptionNames<SamplingOptions>;
/** Of all images and positions together. */
const MOST_SAMPLES = 5_000_000;

/**
 * Finds where each tap of a deformable layer reads, for images that the model is run on; on request also where the
 * deformable layers before it read what it reads.
 *
 * Where branches meet, samples follow the one through more deformable layers. A layer that is used again answers for its
 * first use. In a model of several inputs the image is the first one of rank 4.
 *
 * @param model a built tf.LayersModel, loaded ones included, with DeformableConv2D, DeformableConv2DV3 or
 * DeformableConv2DV4 layers
 * @param x images [n, height, width, channels], or one without n; for a model of several inputs a tensor for each
 * @param options the layer, its output positions and how far to trace; see {@link SamplingOptions}
 * @returns for every image and position the taps (y, x) in pixels of the image, with their weights
 * @throws TypeError for something else than a model or tensor; RangeError for an unknown layer or position, for more
 * layers to trace than there are, and for more than five million samples
 * @see Dai et al., "Deformable Convolutional Networks" (2017), Figure 6
 * @example
 * ```ts
 * const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [28, 28, 1], downsampling: 2, deformable: { last: 2 } });
 * const x = tf.zeros([1, 28, 28, 1]);
 * const { images } = await conv.samplingLocations(model, x, { positions: [[3, 3]] });
 * console.log(images[0][0].taps.length); // 9
 * const traced = await conv.samplingLocations(model, x, { positions: [[3, 3]], trace: 2 });
 * console.log(traced.images[0][0].taps.length); // 81
 * ```
 */
export async function samplingLocations(
  model: tf.LayersModel,
  x: tf.Tensor | readonly tf.Tensor[],
  options: SamplingOptions = {},
): Promise<SamplingLocations> {
  checkOptions(ACTION, options, OPTIONS);
  const { chain, imageSize, taps } = run(model, x, options);
  try {
    const levels: Level[] = [];
    for (const [index, use] of chain.entries()) levels.push({ use, taps: await read(taps[index]!) });
    const [{ use }] = levels as [Level];
    const [count, height, width] = levels[0]!.taps.shape;
    const positions = checkPositions(options.positions, height, width);
    const samples = levels.reduce((product, level) => product * level.taps.shape[3], count * positions.length);
    if (samples > MOST_SAMPLES) {
      const rule = `there must be at most ${MOST_SAMPLES} samples in all; choose fewer positions or trace fewer layers`;
      throw rangeError(ACTION, rule, 'samples', samples);
    }
    return shownAsText({
      layer: use.name,
      through: chain.map(({ name }) => name),
      imageSize,
      outputSize: [height, width],
      kernelSize: use.layer.kernelSize,
      tapSpacing: use.tapSpacing,
      offsetGroups: use.layer.offsetGroups,
      images: Array.from({ length: count }, (_, image) =>
        positions.map((position) => {
          const center = { y: middleOf(use.output, 0, position[0]), x: middleOf(use.output, 1, position[1]) };
          const taps = traceSamples(levels, image, position);
          return { position, center, taps, spread: summarize(taps).spread };
        }),
      ),
      toString: print,
    });
  } finally {
    tf.dispose(taps.flat());
  }
}

/** What a run of the model leaves. */
interface Run {
  readonly chain: readonly DeformableUse[];
  readonly imageSize: Axes;
  /** Locations of each layer of the chain, and weights where it has any; the caller owns them. */
  readonly taps: readonly (readonly tf.Tensor4D[])[];
}

/** Runs the model and listens at the layers of the chain. */
function run(model: tf.LayersModel, x: tf.Tensor | readonly tf.Tensor[], options: SamplingOptions): Run {
  const taps: tf.Tensor4D[][] = [];
  let chain: readonly DeformableUse[] = [];
  let imageSize: Axes = [0, 0];
  tf.tidy(() => {
    const inputs = checkInputs(ACTION, model, x);
    const image = imageInputOf(ACTION, model);
    imageSize = spatialSize(inputs[image]!.shape, inputLayout(model, image));
    const shapes = inputs.map(({ shape }) => shape.slice(1));
    chain = cut(find(deformableUses(ACTION, model, shapes), options.layer), options.trace ?? 1);
    runModel(model, inputs, ({ index }, given) => {
      const level = chain.findIndex((use) => use.index === index);
      if (level < 0) return;
      const { locations, weights } = chain[level]!.layer.tapLocations([...given]);
      taps[level] = [locations, ...(weights === undefined ? [] : [weights])].map((tensor) => tf.keep(tensor));
    });
  });
  return { chain, imageSize, taps };
}

/** The layer by its name, or the last deformable one. */
function find(uses: readonly DeformableUse[], name: string | undefined): DeformableUse {
  const use = name === undefined ? uses.at(-1) : uses.find((candidate) => candidate.name === name);
  if (use !== undefined) return use;
  const names = [...new Set(uses.map((candidate) => candidate.name))];
  const rule =
    names.length === 0 ? 'the model has no deformable layer' : `the deformable layers are ${names.join(', ')}`;
  throw rangeError(ACTION, rule, 'layer', name);
}

function cut(use: DeformableUse, trace: number | 'all'): readonly DeformableUse[] {
  const chain = chainFrom(use);
  if (trace === 'all') return chain;
  if (checkInteger(ACTION, 'trace', trace, 1) <= chain.length) return chain.slice(0, trace);
  const rule = `the deformable layers from '${use.name}' to the image are ${chain.length}`;
  throw rangeError(ACTION, rule, 'trace', trace);
}

async function read([locations, weights]: readonly tf.Tensor4D[]): Promise<TapValues> {
  const [images, height, width, values] = locations!.shape;
  return {
    shape: [images, height, width, values / 2],
    locations: (await locations!.data()) as Float32Array,
    weights: (await weights?.data()) as Float32Array | undefined,
  };
}

function checkPositions(positions: SamplingOptions['positions'], height: number, width: number): readonly Axes[] {
  if (positions === undefined) {
    return Array.from({ length: height * width }, (_, index) => [Math.floor(index / width), index % width] as const);
  }
  const given: unknown = positions;
  if (!Array.isArray(given)) throw typeError(ACTION, 'positions must be a list', 'positions', given);
  given.forEach((position: unknown, index) => {
    const name = `positions[${index}]`;
    if (!Array.isArray(position) || position.length !== 2) {
      throw typeError(ACTION, 'positions must be [row, column]', name, position);
    }
    const [row, column] = position as unknown[];
    if (checkInteger(ACTION, name, row, 0) < height && checkInteger(ACTION, name, column, 0) < width) return;
    throw rangeError(ACTION, `positions must lie within the layer's output [${height}, ${width}]`, name, position);
  });
  return positions;
}

/** One line for each image and position: where it looks on the whole. */
function print(this: SamplingLocations): string {
  const columns: Column[] = ['image', 'position', 'centre', 'samples', 'mean place', 'spread', 'mean weight'].map(
    (title) => ({ title, align: 'right' }),
  );
  const pair = (y: number, x: number, digits: number): string => `${y.toFixed(digits)}, ${x.toFixed(digits)}`;
  const rows = this.images.flatMap((positions, image) =>
    positions.map(({ position, center, taps, spread }) => {
      const { y, x, weight } = summarize(taps);
      const place = [pair(...position, 0), pair(center.y, center.x, 1), String(taps.length), pair(y, x, 1)];
      return [String(image), ...place, spread.toFixed(1), weight.toFixed(3)];
    }),
  );
  const [height, width] = this.imageSize;
  const traced = this.through.length > 1 ? ` traced through ${this.through.slice(1).join(', ')}` : '';
  return [
    `samples of '${this.layer}'${traced}, (y, x) in pixels of images of ${height}×${width}; spread: root mean square distance from the mean place`,
    formatTable(columns, rows),
  ].join('\n');
}

/** Mean place and distance from it, each sample by the size of its weight. */
function summarize(taps: readonly SamplingTap[]): { y: number; x: number; spread: number; weight: number } {
  const total = taps.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
  const mean = (of: (tap: SamplingTap) => number): number =>
    taps.reduce((sum, tap) => sum + Math.abs(tap.weight) * of(tap), 0) / total;
  const [y, x] = [mean((tap) => tap.y), mean((tap) => tap.x)];
  const spread = Math.sqrt(mean((tap) => (tap.y - y) ** 2 + (tap.x - x) ** 2));
  return { y, x, spread, weight: taps.reduce((sum, { weight }) => sum + weight, 0) / taps.length };
}
