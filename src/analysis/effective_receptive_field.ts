/** Effective receptive field: the gradient of one output position with respect to each pixel of the image. */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError, typeError } from '../errors.js';
import { checkFinite, checkImages, runOnSize } from './check_images.js';
import { lastPlaced, traceFields, type Axes, type FieldOfCall } from './field_trace.js';
import { findLayer } from './find_layer.js';
import { checkInputs, imageInputOf, runModel } from './graph.js';
import { describeInfluence, type Influence } from './influence.js';
import { inputLayout, SPATIAL_AXES, type Layout } from './layout.js';
import { fieldAt, type TheoreticalField } from './position_field.js';
import { formatAxes, formatTable, shownAsText, type Column } from './report.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

/** Result of {@link effectiveReceptiveField}; prints as a table and serialises to JSON. */
export interface EffectiveReceptiveField extends Influence {
  readonly layer: string;
  /** [row, column] in the layer's output. */
  readonly position: Axes;
  /** Output channel that was analysed; null for the sum of all. */
  readonly channel: number | null;
  /** Number of images over which the influence is averaged. */
  readonly images: number;
  /** [height, width] of the image. */
  readonly imageSize: Axes;
  /**
   * Theoretical receptive field of the position, including parts outside the image; null behind a layer without a
   * `describe` method.
   */
  readonly theoretical: TheoreticalField | null;
  /** Ratio of the area of `extent` to the area of `theoretical` inside the image; null if that is unknown. */
  readonly share: number | null;
  toString(): string;
}

/** Options of {@link effectiveReceptiveField}. */
export interface EffectiveReceptiveFieldOptions {
  /**
   * Name of a layer; in a nested model prefixed with the model's name. @default the last one before global pooling, and
   * before a softmax
   */
  readonly layer?: string;
  /** [row, column] in the layer's output. @default the centre */
  readonly position?: Axes;
  /** One output channel. The sum over a softmax is always 1 and has no gradient. @default the sum of all */
  readonly channel?: number;
}

const ACTION = 'find the effective receptive field';
const OPTIONS = {
  layer: true,
  position: true,
  channel: true,
} as const satisfies OptionNames<EffectiveReceptiveFieldOptions>;

/**
 * Computes the effective receptive field of one output position: how much each pixel of the image influences it.
 *
 * The influence of a pixel is Σ |∂y/∂x| over the channels of the pixel, where y is the sum over the channels of the
 * output position, averaged over the images. It depends on the images: use real ones, or several of noise. With
 * deformable layers it includes the gradient through the sampling locations. In a model with several inputs the image
 * is the first one of rank 4; the output of a layer without rows and columns (a classifier) has one position, and
 * `channel` selects a class.
 *
 * @param model any tf.LayersModel, nested models included
 * @param x images [n, height, width, channels], or one without n; for a model with several inputs one tensor per input
 * @param options layer, position and channel; see {@link EffectiveReceptiveFieldOptions}
 * @returns the influence map with its centre, spread and extent, and the theoretical receptive field
 * @throws TypeError for anything but a model or tensor; RangeError for an unknown layer, position or channel, for images
 * that are not finite or do not fit the model, and if no pixel has any influence
 * @see Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks" (2016)
 * @example
 * ```ts
 * const model = tf.sequential();
 * const plain = { filters: 1, kernelSize: 3, kernelInitializer: 'ones' } as const;
 * for (const inputShape of [[9, 9, 1], undefined]) model.add(conv.layers.conv2d({ ...plain, inputShape }));
 * const { map, theoretical } = await conv.effectiveReceptiveField(model, tf.ones([1, 9, 9, 1]), { position: [2, 2] });
 * console.log(theoretical.height, map[4].map((share) => Math.round(81 * share)).join(' ')); // 5 0 0 3 6 9 6 3 0 0
 * ```
 */
export async function effectiveReceptiveField(
  model: tf.LayersModel,
  x: tf.Tensor | readonly tf.Tensor[],
  options: EffectiveReceptiveFieldOptions = {},
): Promise<EffectiveReceptiveField> {
  checkOptions(ACTION, options, OPTIONS);
  const { gradient, target, imageSize, images, theoretical } = run(model, x, options);
  const values = (await gradient.data()) as Float32Array;
  gradient.dispose();
  await checkFinite(ACTION, x);
  if (!values.every(Number.isFinite)) {
    throw rangeError(ACTION, 'the gradient must be finite (check the weights of the model)', 'gradient', NaN);
  }
  const influence = describeInfluence(values, imageSize);
  const { call, position, channel } = target;
  if (influence === undefined) {
    const hint = channel === null ? '; the channels of a softmax always sum to 1: choose one by options.channel' : '';
    const rule = `some pixel must change the output of '${call.path}' at position [${position.join(', ')}]${hint}`;
    throw rangeError(ACTION, rule, 'gradient', 0);
  }
  const share = theoretical && shareOf(influence, theoretical, imageSize);
  const result = { layer: call.path, position, channel, images, imageSize, ...influence, theoretical, share };
  return shownAsText({ ...result, toString: print });
}

/** Result of running the model. */
interface Run {
  /** Influence [height · width]; the caller disposes it. */
  readonly gradient: tf.Tensor;
  readonly target: Target;
  readonly imageSize: Axes;
  readonly images: number;
  readonly theoretical: TheoreticalField | null;
}

function run(model: tf.LayersModel, x: tf.Tensor | readonly tf.Tensor[], options: EffectiveReceptiveFieldOptions): Run {
  let found: Omit<Run, 'gradient'> | undefined;
  const gradient = tf.tidy(() => {
    const inputs = checkInputs(ACTION, model, x);
    const image = imageInputOf(ACTION, model);
    const inputShape = inputs.map(({ shape }) => shape.slice(1));
    const images = inputs[image]!;
    checkImages(ACTION, model, image, images);
    const onSize = <T>(analyse: () => T): T => runOnSize(ACTION, model.inputs[image]!.shape, images.shape, analyse);
    const trace = onSize(() => traceFields(ACTION, model, { inputShape, strict: false }));
    const target = findTarget(model, trace.calls, options);
    const theoretical = fieldAt(trace, target.call, target.position);
    found = { target, imageSize: trace.imageSize, images: images.shape[0], theoretical };
    return onSize(() => influenceOf(model, inputs, image, inputLayout(model, image), target));
  });
  return { ...found!, gradient };
}

/** Output that is analysed. */
interface Target {
  readonly call: FieldOfCall;
  readonly position: Axes;
  readonly channel: number | null;
}

function findTarget(
  model: tf.LayersModel,
  calls: readonly FieldOfCall[],
  options: EffectiveReceptiveFieldOptions,
): Target {
  const call =
    options.layer === undefined
      ? lastPlaced(calls.filter(({ layer }) => !isSoftmax(layer)))
      : findLayer(ACTION, calls, ({ path }) => path, options.layer);
  if (call === undefined) throw rangeError(ACTION, 'the model must have a layer besides a softmax', 'model', model);
  const { outputShape, outputSize } = call;
  if (outputShape.length !== 2 && outputShape.length !== 4) {
    throw rangeError(ACTION, `the output of layer '${call.path}' must have rank 2 or 4`, 'output shape', outputShape);
  }
  const given: unknown = options.position ?? [Math.floor(outputSize[0] / 2), Math.floor(outputSize[1] / 2)];
  if (!Array.isArray(given) || given.length !== 2) {
    throw typeError(ACTION, 'position must be [row, column]', 'position', given);
  }
  const position = given as unknown as Axes;
  for (const axis of [0, 1] as const) {
    if (checkInteger(ACTION, 'position', position[axis], 0) < outputSize[axis]) continue;
    const rule = `position must lie within the layer's output [${outputSize.join(', ')}]`;
    throw rangeError(ACTION, rule, 'position', position);
  }
  const elements = outputShape.slice(1).reduce<number>((product, size) => product * size!, 1);
  const channels = elements / (outputSize[0] * outputSize[1]);
  const { channel = null } = options;
  if (channel !== null && checkInteger(ACTION, 'channel', channel, 0) >= channels) {
    throw rangeError(ACTION, `channel must be one of the layer's ${channels}`, 'channel', channel);
  }
  return { call, position, channel };
}

/** True if the channels of a layer's output always have the same sum, so that its gradient is zero. */
function isSoftmax(layer: tf.layers.Layer): boolean {
  return layer.getClassName() === 'Softmax' || layer.getConfig().activation === 'softmax';
}

/** Influence [height · width], averaged over the images. */
function influenceOf(
  model: tf.LayersModel,
  inputs: readonly tf.Tensor[],
  image: number,
  layout: Layout,
  target: Target,
): tf.Tensor {
  const forward = (x: tf.Tensor): tf.Scalar => {
    let seen: tf.Tensor | undefined;
    const given = inputs.map((tensor, index) => (index === image ? x : tensor));
    runModel(model, given, ({ index }, _, [output]) => {
      if (index === target.call.index) seen = at(output!, target);
    });
    return tf.sum(seen!);
  };
  const gradient = tf.abs(tf.grad(forward)(inputs[image]!.toFloat()));
  return tf.reshape(tf.mean(tf.sum(gradient, channelAxis(layout)), 0), [-1]);
}

/** Values of one position, of all images. */
function at(output: tf.Tensor, { call: { outputLayout }, position, channel }: Target): tf.Tensor {
  const isImage = output.rank === 4;
  const begin = new Array<number>(output.rank).fill(0);
  const size = [...output.shape];
  const take = (axis: number, index: number): void => {
    begin[axis] = index;
    size[axis] = 1;
  };
  if (isImage) {
    SPATIAL_AXES[outputLayout].forEach((axis, index) => {
      take(axis, position[index]!);
    });
  }
  if (channel !== null) take(isImage ? channelAxis(outputLayout) : 1, channel);
  return tf.slice(output, begin, size);
}

function channelAxis(layout: Layout): 1 | 3 {
  return layout === 'channelsFirst' ? 1 : 3;
}

function shareOf({ extent }: Influence, field: TheoreticalField, [height, width]: Axes): number {
  const inside = (first: number, size: number, whole: number): number =>
    Math.min(first + size, whole) - Math.max(first, 0);
  const seen = field.global
    ? height * width
    : inside(field.top, field.height, height) * inside(field.left, field.width, width);
  return ((extent.bottom - extent.top + 1) * (extent.right - extent.left + 1)) / seen;
}

function print(this: EffectiveReceptiveField): string {
  const { layer, position, center, sigma, extent, area, theoretical, share } = this;
  const columns: Column[] = [
    { title: 'layer', align: 'left' },
    ...['position', 'theoretical', '95 % within', 'centre', 'σ', 'pixels', 'share'].map(
      (title) => ({ title, align: 'right' }) as const,
    ),
  ];
  const field = theoretical === null ? '?' : formatAxes([theoretical.height, theoretical.width]);
  const row = [
    layer,
    position.join(', '),
    theoretical?.global ? `${field}, whole image` : field,
    formatAxes([extent.bottom - extent.top + 1, extent.right - extent.left + 1]),
    `${center.y.toFixed(1)}, ${center.x.toFixed(1)}`,
    sigma.map((value) => value.toFixed(1)).join(', '),
    String(area),
    share === null ? '?' : `${(100 * share).toFixed(1)} %`,
  ];
  return [
    formatTable(columns, [row]),
    'pixels: those above 4.55 % of the largest influence; share: of the theoretical field inside the image',
  ].join('\n');
}
