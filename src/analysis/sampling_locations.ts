/**
 * Sampling locations of a deformable layer, in pixels of the model's input image.
 *
 * A position v of the layer's input has its receptive field centred at v·S − P + (r − 1) / 2, with r, S and P of
 * `receptiveField`; a tap that reads v between positions maps to the same location, without rounding. Traced through
 * several deformable layers, v lies between four positions of the layer below (found by the same formula from layer to
 * layer), and the locations of each of its taps are interpolated between those of the four.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError, typeError } from '../errors.js';
import { centerOf, spatialSize, type Axes } from './field_trace.js';
import { checkFinite, checkImages, runOnSize } from './check_images.js';
import { checkInputs, imageInputOf, runModel } from './graph.js';
import { inputLayout } from './layout.js';
import { formatTable, shownAsText, type Column } from './report.js';
import { chainFrom, deformableUses, type DeformableUse } from './sampling_chain.js';
import { traceSamples, type Level, type TapValues } from './sampling_trace.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

/** One sample. */
export interface SamplingTap {
  /** Row in the image, in pixels; pixel centres are integers, and locations may lie outside the image. */
  readonly y: number;
  /** Column in the image, in pixels. */
  readonly x: number;
  /** Weight of the sample: its mask, or 1; traced through several layers, the product of their masks. */
  readonly weight: number;
}

/** Samples of one output position of the layer. */
export interface SamplingPosition {
  /** [row, column] in the layer's output. */
  readonly position: Axes;
  /** Centre of the position's receptive field at zero offsets: (y, x) in pixels of the image. */
  readonly center: { readonly y: number; readonly x: number };
  /**
   * Taps in the order of the operator: offset group, then tap, row by row; if traced, those of the layer below for each
   * of these.
   */
  readonly taps: readonly SamplingTap[];
  /**
   * Root mean square distance of the samples from their mean, in pixels of the image, weighted by the absolute sample
   * weights.
   */
  readonly spread: number;
}

/** Result of {@link samplingLocations}; prints as a table and serialises to JSON. */
export interface SamplingLocations {
  readonly layer: string;
  /** Deformable layers that the samples pass: the layer itself, then those before it. */
  readonly through: readonly string[];
  /** [height, width] of the images. */
  readonly imageSize: Axes;
  /** [height, width] of the layer's output. */
  readonly outputSize: Axes;
  readonly kernelSize: Axes;
  /**
   * Distance in image pixels between neighbouring taps of a plain convolution with the same window; 0 along an axis
   * with one tap.
   */
  readonly tapSpacing: Axes;
  /** Number of channel groups with their own taps. */
  readonly offsetGroups: number;
  /** The requested positions, for each image. */
  readonly images: readonly (readonly SamplingPosition[])[];
  toString(): string;
}

/** Options of {@link samplingLocations}. */
export interface SamplingOptions {
  /**
   * Name of a deformable layer; in a nested model prefixed with the model's name: `features/conv`. @default the last
   * one
   */
  readonly layer?: string;
  /** Output positions [row, column]. @default all, row by row */
  readonly positions?: readonly Axes[];
  /**
   * Number of deformable layers to trace samples through, including the layer itself: three 3×3 layers give 9³ = 729
   * locations per position. Layers in between map each sample to the centre of its receptive field. @default 1
   */
  readonly trace?: number | 'all';
}

const ACTION = 'find sampling locations';
const OPTIONS = { layer: true, positions: true, trace: true } as const satisfies OptionNames<SamplingOptions>;
/** Limit over all images and positions. */
const MOST_SAMPLES = 5_000_000;

/**
 * Finds the sampling location of every tap of a deformable layer when the model runs on the given images; optionally
 * traces the samples through the preceding deformable layers.
 *
 * Where branches meet, samples follow the one through more deformable layers. For a shared layer its first call is
 * used. In a model with several inputs the image is the first one of rank 4.
 *
 * @param model a built tf.LayersModel, loaded ones included, with DeformableConv2D, DeformableConv2DV3 or
 * DeformableConv2DV4 layers
 * @param x images [n, height, width, channels], or one without n; for a model with several inputs one tensor per input
 * @param options layer, output positions and trace depth; see {@link SamplingOptions}
 * @returns the taps (y, x) of every image and position in pixels of the image, with their weights
 * @throws TypeError for anything but a model or tensor; RangeError for an unknown layer or position, for more traced
 * layers than there are, and for more than five million samples
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
  const { chain, imageSize, taps: locations } = run(model, x, options);
  try {
    await checkFinite(ACTION, x);
    const levels: Level[] = [];
    for (const [index, use] of chain.entries()) levels.push({ use, taps: await read(locations[index]!) });
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
          const center = { y: centerOf(use.output, 0, position[0]), x: centerOf(use.output, 1, position[1]) };
          const taps = traceSamples(levels, image, position);
          return { position, center, taps, spread: summarize(taps).spread };
        }),
      ),
      toString: print,
    });
  } finally {
    tf.dispose(locations.flat());
  }
}

/** Result of running the model. */
interface Run {
  readonly chain: readonly DeformableUse[];
  readonly imageSize: Axes;
  /** Locations of each layer of the chain, and weights if it has any; the caller disposes them. */
  readonly taps: readonly (readonly tf.Tensor4D[])[];
}

/** Runs the model and captures the inputs of the layers of the chain. */
function run(model: tf.LayersModel, x: tf.Tensor | readonly tf.Tensor[], options: SamplingOptions): Run {
  const taps: tf.Tensor4D[][] = [];
  let chain: readonly DeformableUse[] = [];
  let imageSize: Axes = [0, 0];
  tf.tidy(() => {
    const inputs = checkInputs(ACTION, model, x);
    const image = imageInputOf(ACTION, model);
    imageSize = spatialSize(inputs[image]!.shape, inputLayout(model, image));
    const images = inputs[image]!;
    checkImages(ACTION, model, image, images);
    const shapes = inputs.map(({ shape }) => shape.slice(1));
    chain = cut(find(deformableUses(ACTION, model, shapes), options.layer), options.trace ?? 1);
    runOnSize(ACTION, model.inputs[image]!.shape, images.shape, () => {
      runModel(model, inputs, ({ index }, given) => {
        const level = chain.findIndex((use) => use.index === index);
        if (level < 0) return;
        const { locations, weights } = chain[level]!.layer.tapLocations([...given]);
        taps[level] = [locations, ...(weights === undefined ? [] : [weights])].map((tensor) => tf.keep(tensor));
      });
    });
  });
  return { chain, imageSize, taps };
}

/** Finds the layer by name, or the last deformable one. */
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
  const rule = `trace must be at most ${chain.length}, the number of deformable layers from '${use.name}' to the image`;
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

/** One line per image and position, with summary statistics. */
function print(this: SamplingLocations): string {
  const columns: Column[] = ['image', 'position', 'centre', 'samples', 'mean place', 'spread', 'mean weight'].map(
    (title) => ({ title, align: 'right' }),
  );
  const pair = (y: number, x: number, digits: number): string => `${y.toFixed(digits)}, ${x.toFixed(digits)}`;
  const rows = this.images.flatMap((positions, image) =>
    positions.map(({ position, center, taps, spread }) => {
      const { y, x, weight } = summarize(taps);
      const head = [pair(...position, 0), pair(center.y, center.x, 1), String(taps.length), pair(y, x, 1)];
      return [String(image), ...head, spread.toFixed(1), weight.toFixed(3)];
    }),
  );
  const [height, width] = this.imageSize;
  const traced = this.through.length > 1 ? ` traced through ${this.through.slice(1).join(', ')}` : '';
  return [
    `samples of '${this.layer}'${traced}, (y, x) in pixels of images of ${height}×${width}; spread: root mean square distance from the mean place`,
    formatTable(columns, rows),
  ].join('\n');
}

/** Mean location and spread, weighted by the absolute sample weights. */
function summarize(taps: readonly SamplingTap[]): { y: number; x: number; spread: number; weight: number } {
  const total = taps.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
  const mean = (of: (tap: SamplingTap) => number): number =>
    taps.reduce((sum, tap) => sum + Math.abs(tap.weight) * of(tap), 0) / total;
  const [y, x] = [mean((tap) => tap.y), mean((tap) => tap.x)];
  const spread = Math.sqrt(mean((tap) => (tap.y - y) ** 2 + (tap.x - x) ** 2));
  return { y, x, spread, weight: taps.reduce((sum, { weight }) => sum + weight, 0) / taps.length };
}
