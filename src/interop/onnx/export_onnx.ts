/** Exports models as ONNX files. */
import type * as tf from '@tensorflow/tfjs';
import {
  checkBoolean,
  checkInteger,
  checkNumber,
  checkOneOf,
  isPlainObject,
  rangeError,
  typeError,
  type Action,
} from '../../errors.js';
import { foldBatchNormalization } from '../../models/fold_batch_normalization.js';
import {
  checkPreprocessing as checkWhole,
  PREPROCESSING_FIELDS,
  type Preprocessing,
} from '../../training/preprocessing.js';
import { checkModel } from '../../support/check_model.js';
import { checkOptions, type OptionNames } from '../../support/check_options.js';
import { buildGraph, layoutOf, type BuiltGraph, type GraphSettings } from './build_graph.js';
import { encodeModel } from './encode.js';
import { loadFormat } from './load_format.js';

/**
 * Preprocessing of pixels: pixel · scale + offset is what the model takes; one number, or one per channel. The rest is that of
 * `preprocessingOf` in `tfjs-convolutions/training`.
 */
export interface OnnxPreprocessing extends Partial<Preprocessing> {
  readonly scale: number | readonly number[];
  readonly offset: number | readonly number[];
}

/** Options of {@link exportOnnx}. */
export interface ExportOnnxOptions {
  /**
   * Form of deformable layers: the operator `DeformConv`, or `'decomposed'` into GridSample, for runtimes without it
   * (OpenVINO, converters to TFLite). @default 'native'
   */
  readonly deformable?: 'native' | 'decomposed';
  /**
   * Decomposed deformable layers read nothing where an offset is NaN; with false, the file has no `Where`, which
   * some converters misread, and such a sample is undefined. @default true
   */
  readonly nanGuard?: boolean;
  /** Order of the axes of images in the file. @default that of the model: 'nhwc' unless its layers are channels first */
  readonly layout?: 'nhwc' | 'nchw';
  /**
   * Shape of the input without the batch axis, or of each input; null for a size that may vary.
   * @default the shapes of the model's inputs
   */
  readonly inputShape?: tf.Shape | readonly tf.Shape[];
  /** Folds batch normalisations into the preceding convolutions. @default false */
  readonly foldBatchNormalization?: boolean;
  /** Type in which kernels are stored; they are computed with in float32. @default 'float32' */
  readonly weights?: 'float32' | 'float16';
  /** Names of the classes, stored as JSON under `class_names` in the file's metadata. @default none */
  readonly classNames?: readonly string[];
  /** Preprocessing, stored as JSON under `preprocessing` in the file's metadata. @default none */
  readonly preprocessing?: OnnxPreprocessing;
  /** Other texts for the file's metadata, by key. @default none */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Names of the options. */
export const EXPORT_OPTIONS = {
  deformable: true,
  nanGuard: true,
  layout: true,
  inputShape: true,
  foldBatchNormalization: true,
  weights: true,
  classNames: true,
  preprocessing: true,
  metadata: true,
} as const satisfies OptionNames<ExportOnnxOptions>;

const LAYOUTS = ['nhwc', 'nchw'] as const;

const ACTION = 'export to ONNX';

/** {@link ExportOnnxOptions}, checked. */
export interface ExportSettings extends GraphSettings {
  readonly fold: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Exports a model for inference as an ONNX file (operator set 19) of standard operators, which onnxruntime and other
 * runtimes run. The batch size may vary, and the image size where the model allows it.
 *
 * Inputs and outputs have the names of their layers. So have the nodes; a layer of several nodes names the last one, and
 * the others are called `⟨layer⟩/⟨operator⟩`. Inside, images are channels first; a `Transpose` at either end keeps the
 * order of the model, unless `layout` is `'nchw'`.
 *
 * @param model any built model of layers of this package and of common layers of TensorFlow.js
 * @param options form of deformable layers, layout, type of the weights; see {@link ExportOnnxOptions}
 * @returns the bytes of the file
 * @throws OnnxExportError, whose `layers` lists every layer that cannot be exported with the reason; TypeError or
 * RangeError for an invalid option; MissingPackageError if `onnx-buf` or `@bufbuild/protobuf` is not installed
 * @see https://onnx.ai/onnx/operators
 * @example
 * ```ts
 * import { exportOnnx } from 'tfjs-convolutions/interop';
 *
 * const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [32, 32, 3], deformable: { last: 2 } });
 * const bytes = await exportOnnx(model, { foldBatchNormalization: true });
 * console.log(bytes.length > 1e6); // true
 * ```
 */
export async function exportOnnx(model: tf.LayersModel, options: ExportOnnxOptions = {}): Promise<Uint8Array> {
  const settings = readSettings(ACTION, model, options, EXPORT_OPTIONS);
  const format = await loadFormat(ACTION);
  return encodeModel(format, await graphOf(ACTION, model, settings), settings.metadata).model;
}

/** Builds the graph of a model, folded if the settings want it. */
export async function graphOf(action: Action, model: tf.LayersModel, settings: ExportSettings): Promise<BuiltGraph> {
  if (!settings.fold) return buildGraph(action, model, settings);
  const folded = foldBatchNormalization(model);
  try {
    return await buildGraph(action, folded, settings);
  } finally {
    folded.dispose();
  }
}

/** Checks model and options. */
export function readSettings(
  action: Action,
  model: tf.LayersModel,
  options: ExportOnnxOptions,
  names: Parameters<typeof checkOptions>[2],
): ExportSettings {
  checkModel(action, model);
  checkOptions(action, options, names);
  const { layout } = options;
  return {
    deformable: checkOneOf(action, 'deformable', options.deformable ?? 'native', ['native', 'decomposed']),
    nanGuard: checkBoolean(action, 'nanGuard', options.nanGuard ?? true),
    layout: layout === undefined ? undefined : checkOneOf(action, 'layout', layout, LAYOUTS),
    inputShapes: inputShapes(action, model, options.inputShape),
    half: checkOneOf(action, 'weights', options.weights ?? 'float32', ['float32', 'float16']) === 'float16',
    fold: checkBoolean(action, 'foldBatchNormalization', options.foldBatchNormalization ?? false),
    metadata: metadataOf(action, model, options),
  };
}

/** Shapes of the inputs, batch first, with the given sizes. */
function inputShapes(action: Action, model: tf.LayersModel, given: ExportOnnxOptions['inputShape']): tf.Shape[] {
  const inputs = (model.inputs as tf.SymbolicTensor[] | undefined) ?? [];
  if (inputs.length === 0) throw rangeError(action, 'the model must have an input', 'model.inputs', inputs.length);
  const own = inputs.map(({ shape }) => shape);
  if (given === undefined) return own;
  if (!Array.isArray(given)) throw typeError(action, 'inputShape must be a list of sizes', 'inputShape', given);
  const shapes = (Array.isArray(given[0]) ? given : [given]) as readonly tf.Shape[];
  const fits = shapes.length === own.length && own.every((shape, index) => isVariant(model, shape, shapes[index]!));
  if (!fits) {
    const rule = `inputShape must fit the model's inputs, ${JSON.stringify(own.map((shape) => shape.slice(1)))}, except in height and width`;
    throw rangeError(action, rule, 'inputShape', given);
  }
  return shapes.map((shape, index) => [
    own[index]![0]!,
    ...shape.map((size) => (size === null ? null : checkInteger(action, 'inputShape', size, 1))),
  ]);
}

/** True if a shape without batch has the model's sizes, except for rows and columns of an image. */
function isVariant(model: tf.LayersModel, [, ...own]: tf.Shape, given: unknown): boolean {
  if (!Array.isArray(given) || given.length !== own.length) return false;
  const isImage = own.length === 3;
  const first = isImage && layoutOf(model) === 'nchw';
  const mayVary = (axis: number): boolean => isImage && (first ? axis > 0 : axis < 2);
  return own.every((size, axis) => size === null || mayVary(axis) || size === given[axis]);
}

function metadataOf(
  action: Action,
  { outputs }: tf.LayersModel,
  options: ExportOnnxOptions,
): Readonly<Record<string, string>> {
  const { classNames, preprocessing, metadata = {} } = options;
  if (!isPlainObject(metadata) || !Object.values(metadata).every((text) => typeof text === 'string')) {
    throw typeError(action, 'metadata must be texts by key', 'metadata', metadata);
  }
  if (classNames !== undefined) checkNames(action, classNames, outputs);
  if (preprocessing !== undefined) checkPreprocessing(action, preprocessing);
  return {
    ...metadata,
    ...(classNames !== undefined && { class_names: JSON.stringify(classNames) }),
    ...(preprocessing !== undefined && { preprocessing: JSON.stringify(preprocessing) }),
  };
}

function checkNames(action: Action, names: unknown, outputs: readonly tf.SymbolicTensor[]): void {
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && name !== '')) {
    throw typeError(action, 'classNames must be a list of names', 'classNames', names);
  }
  const [scores] = outputs.map(({ shape }) => shape);
  const classes = outputs.length === 1 && scores!.length === 2 ? scores![1] : null;
  if (classes === null || classes === names.length) return;
  throw rangeError(action, `there must be a name for each of ${classes} classes`, 'classNames', names);
}

function checkPreprocessing(action: Action, preprocessing: OnnxPreprocessing): void {
  checkOptions(action, preprocessing, PREPROCESSING_FIELDS, { of: 'preprocessing' });
  const { height, width, channels, fit, background } = preprocessing;
  if ([height, width, channels, fit, background].some((field) => field !== undefined)) {
    checkWhole(action, preprocessing);
  }
  for (const name of ['scale', 'offset'] as const) {
    const values: readonly unknown[] = [preprocessing[name]].flat();
    if (values.length === 0) throw rangeError(action, `${name} must not be empty`, `preprocessing.${name}`, values);
    for (const value of values) checkNumber(action, `preprocessing.${name}`, value);
  }
}
