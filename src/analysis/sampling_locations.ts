/**
 * Where the kernels of a deformable layer look, in pixels of the image that the model was given.
 *
 * A position v of the layer's input sees a field of the image around v·S − P + (r − 1) / 2, with r, S and P of
 * `receptiveField`; a tap that reads v between positions looks at the same place, without rounding.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError, typeError } from '../errors.js';
import type { DeformableLayer, TapLocations } from '../layers/description.js';
import { traceFields, type ReceptiveField } from './receptive_field.js';

/** One sample. */
export interface SamplingTap {
  /** Row in the image, in pixels; pixel centres are whole numbers, and places outside the image occur. */
  readonly y: number;
  /** Column in the image, in pixels. */
  readonly x: number;
  /** How much the sample counts: its mask, or 1. */
  readonly weight: number;
}

/** What one output position of the layer looks at. */
export interface SamplingPosition {
  /** [row, column] in the layer's output. */
  readonly position: readonly [number, number];
  /** Centre of the position's receptive field at zero offsets: (y, x) in pixels of the image. */
  readonly center: { readonly y: number; readonly x: number };
  /** In the order of the op: offset group, then tap, row by row. */
  readonly taps: readonly SamplingTap[];
}

/** Result of {@link samplingLocations}; serialises to JSON. */
export interface SamplingLocations {
  readonly layer: string;
  /** [height, width] of the images. */
  readonly imageSize: readonly [number, number];
  /** [height, width] of the layer's output. */
  readonly outputSize: readonly [number, number];
  readonly kernelSize: readonly [number, number];
  /** Parts of the channels with taps of their own. */
  readonly offsetGroups: number;
  /** For each image the positions that were asked for. */
  readonly images: readonly (readonly SamplingPosition[])[];
}

/** Options of {@link samplingLocations}. */
export interface SamplingOptions {
  /** Name of a deformable layer; in a nested model after the model's: `features/conv`. @default the last one */
  readonly layer?: string;
  /** Output positions [row, column]. @default all, row by row */
  readonly positions?: readonly (readonly [number, number])[];
}

const ACTION = 'find sampling locations';

/** A deformable layer in its model. */
interface Place {
  readonly name: string;
  readonly layer: tf.layers.Layer & DeformableLayer;
  /** What positions of the layer's input and output see of the image. */
  readonly input: ReceptiveField;
  readonly output: ReceptiveField;
}

/**
 * Finds where each tap of a deformable layer reads, for images that the model is run on.
 *
 * @param model a built tf.LayersModel with one input, loaded ones included
 * @param x images [n, height, width, channels], or one without n
 * @param options the layer and its output positions; see {@link SamplingOptions}
 * @returns for every image and position the taps (y, x) in pixels of the image, with their weights
 * @throws TypeError for something else than a tensor; RangeError for an unknown layer or position
 * @see Dai et al., "Deformable Convolutional Networks" (2017), Figure 6
 * @example
 * ```ts
 * const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [28, 28, 1], downsampling: 2, deformable: { last: 1 } });
 * const { images } = await conv.samplingLocations(model, tf.zeros([1, 28, 28, 1]), { positions: [[3, 3]] });
 * console.log(images[0][0].taps.length); // 9
 * ```
 */
export async function samplingLocations(
  model: tf.LayersModel,
  x: tf.Tensor,
  options: SamplingOptions = {},
): Promise<SamplingLocations> {
  if (!(x instanceof tf.Tensor)) throw typeError(ACTION, 'x must be a tensor of images', 'x', typeof x);
  if (x.rank !== 3 && x.rank !== 4) throw rangeError(ACTION, 'x must have rank 3 or 4', 'x.shape', x.shape);
  const imageShape = x.shape.slice(-3) as [number, number, number];
  const place = findLayer(model, imageShape, options.layer);
  const { locations, weights } = readTaps(model, x, place);
  try {
    const [, outHeight, outWidth] = locations.shape;
    return {
      layer: place.name,
      imageSize: [imageShape[0], imageShape[1]],
      outputSize: [outHeight, outWidth],
      kernelSize: place.layer.kernelSize,
      offsetGroups: place.layer.offsetGroups,
      images: collect(
        place,
        locations.shape,
        checkPositions(options.positions, outHeight, outWidth),
        (await locations.data()) as Float32Array,
        (await weights?.data()) as Float32Array | undefined,
      ),
    };
  } finally {
    tf.dispose([locations, ...(weights === undefined ? [] : [weights])]);
  }
}

/** The layer by its name, or the last deformable one. */
function findLayer(model: tf.LayersModel, imageShape: tf.Shape, name: string | undefined): Place {
  const places: Place[] = [];
  traceFields(model, imageShape, ({ layer, path }, input, output) => {
    if (isDeformable(layer)) places.push({ name: path, layer, input, output });
  });
  const place = name === undefined ? places.at(-1) : places.find((candidate) => candidate.name === name);
  if (place !== undefined) return place;
  const names = [...new Set(places.map((candidate) => candidate.name))];
  const rule =
    names.length === 0 ? 'the model has no deformable layer' : `the deformable layers are ${names.join(', ')}`;
  throw rangeError(ACTION, rule, 'layer', name);
}

function isDeformable(layer: tf.layers.Layer): layer is tf.layers.Layer & DeformableLayer {
  return 'tapLocations' in layer && typeof layer.tapLocations === 'function';
}

/** Runs the model and listens at the layer. */
function readTaps(model: tf.LayersModel, x: tf.Tensor, { layer }: Place): TapLocations {
  let taps: TapLocations | undefined;
  layer.setCallHook((inputs) => {
    // A layer that is used again keeps its first answer.
    taps ??= tf.tidy(() => {
      const { locations, weights } = layer.tapLocations(inputs);
      return { locations: tf.keep(locations), weights: weights && tf.keep(weights) };
    }) as unknown as TapLocations;
  });
  try {
    tf.tidy(() => {
      const batch = x.rank === 3 ? tf.expandDims(x, 0) : x;
      model.predict(batch, { batchSize: batch.shape[0] });
    });
  } finally {
    layer.clearCallHook();
  }
  return taps!;
}

function checkPositions(
  positions: SamplingOptions['positions'],
  height: number,
  width: number,
): readonly (readonly [number, number])[] {
  if (positions === undefined) {
    return Array.from({ length: height * width }, (_, index) => [Math.floor(index / width), index % width] as const);
  }
  for (const position of positions) {
    const [row, column] = position;
    if (checkInteger(ACTION, 'position', row, 0) < height && checkInteger(ACTION, 'position', column, 0) < width)
      continue;
    throw rangeError(
      ACTION,
      `positions must lie within the layer's output [${height}, ${width}]`,
      'position',
      position,
    );
  }
  return positions;
}

/** From positions of the layer's input to pixels of the image. */
function collect(
  { input, output }: Place,
  [images, height, width, values]: readonly [number, number, number, number],
  positions: readonly (readonly [number, number])[],
  locations: Float32Array,
  weights: Float32Array | undefined,
): SamplingPosition[][] {
  const pixel = (field: ReceptiveField, axis: 0 | 1, value: number): number =>
    value * field.stride[axis] - field.padding[axis] + (field.size[axis] - 1) / 2;
  const count = values / 2;
  return Array.from({ length: images }, (_, image) =>
    positions.map((position) => {
      const [row, column] = position;
      const first = ((image * height + row) * width + column) * count;
      const taps = Array.from({ length: count }, (__, tap) => ({
        y: pixel(input, 0, locations[2 * (first + tap)]!),
        x: pixel(input, 1, locations[2 * (first + tap) + 1]!),
        weight: weights?.[first + tap] ?? 1,
      }));
      return { position, center: { y: pixel(output, 0, row), x: pixel(output, 1, column) }, taps };
    }),
  );
}
