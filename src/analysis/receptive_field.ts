/** Receptive fields: the part of the image that influences one output position of a layer. */
import type * as tf from '@tensorflow/tfjs';
import { extentOf, traceFields, type Axes, type ReceptiveField } from './field_trace.js';
import { findLayer } from './find_layer.js';
import { formatAxes, formatTable, formatType, shownAsText, type Column } from './report.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

export type { AxisField, Interval } from './axis_field.js';
export type { ReceptiveField } from './field_trace.js';

/** The receptive field of one layer. */
export interface LayerReceptiveField extends ReceptiveField {
  /** Name of the layer, prefixed with those of the nested models that contain it. */
  readonly name: string;
  /** Class name of the layer. */
  readonly type: string;
}

/** Result of {@link receptiveField} for a whole model; prints as a table and serialises to JSON. */
export interface ReceptiveFieldReport {
  /** [height, width] of the image. */
  readonly imageSize: Axes;
  /**
   * Layers in the order of computation; a shared layer is listed once per call, one that does not depend on the image
   * is omitted.
   */
  readonly layers: readonly LayerReceptiveField[];
  toString(): string;
}

/** Options of {@link receptiveField}. */
export interface ReceptiveFieldOptions {
  /**
   * [height, width, channels] of the image, or one shape per input: padding `'same'` depends on them. @default the
   * input shape of the model
   */
  readonly inputShape?: tf.Shape | readonly tf.Shape[];
}

const ACTION = 'find receptive fields';
const OPTIONS = { inputShape: true, layer: true } as const satisfies OptionNames<
  ReceptiveFieldOptions & { readonly layer?: string }
>;

/**
 * Computes the receptive field of every layer of a model, or of one layer by name.
 *
 * The image is the model's first input of rank 4: [n, height, width, channels], or [n, channels, height, width] if the
 * layers that read it have `dataFormat: 'channelsFirst'`.
 *
 * @param model a built tf.LayersModel, nested models included
 * @param options image size and layer; see {@link ReceptiveFieldOptions}
 * @returns the field of the layer, or those of all layers with a table as `toString()`
 * @throws TypeError for anything but a model; RangeError for unknown or incompatible shapes, for an unknown layer, and
 * for a layer whose class has no `describe` method
 * @see Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill (2019)
 * @example
 * ```ts
 * const model = conv.mobileNetV1();
 * const { size, stride, padding } = conv.receptiveField(model, { layer: 'conv_pw_13' });
 * console.log(size, stride, padding); // [315, 315] [32, 32] [126, 126]
 * ```
 */
export function receptiveField(
  model: tf.LayersModel,
  options: ReceptiveFieldOptions & { readonly layer: string },
): LayerReceptiveField;
export function receptiveField(model: tf.LayersModel, options?: ReceptiveFieldOptions): ReceptiveFieldReport;
export function receptiveField(
  model: tf.LayersModel,
  options: ReceptiveFieldOptions & { readonly layer?: string } = {},
): LayerReceptiveField | ReceptiveFieldReport {
  checkOptions(ACTION, options, OPTIONS);
  const { imageSize, calls } = traceFields(ACTION, model, options);
  const layers = calls.flatMap(({ layer, path, output }) =>
    output === undefined ? [] : [{ name: path, type: formatType(layer.getClassName()), ...output }],
  );
  if (options.layer === undefined) return shownAsText({ imageSize, layers, toString: print });
  return findLayer(ACTION, layers, ({ name }) => name, options.layer);
}

/** Layers whose field differs from that of the layer before. */
export function withNewField<T extends LayerReceptiveField>(layers: readonly T[]): T[] {
  return layers.filter(({ size, stride }, index) => {
    const before = layers[index - 1];
    return (
      before === undefined ||
      [0, 1].some((axis) => size[axis] !== before.size[axis] || stride[axis] !== before.stride[axis])
    );
  });
}

function print(this: ReceptiveFieldReport): string {
  const columns: Column[] = [
    { title: 'layer', align: 'left' },
    { title: 'type', align: 'left' },
    { title: 'size', align: 'right' },
    { title: 'stride', align: 'right' },
    { title: 'padding', align: 'right' },
    { title: 'sees', align: 'left' },
  ];
  const rows = this.layers.map(({ name, type, size, stride, padding, phases, global, dataDependent }) => {
    const notes = [
      ...(isEven(phases) ? [] : [`from ${smallestOf(phases)} by position`]),
      ...(global ? ['whole image'] : []),
      ...(dataDependent ? ['where the input says'] : []),
    ];
    return [name, type, ...[size, stride, padding].map(formatAxes), notes.join(', ')];
  });
  return formatTable(columns, rows);
}

/** True if all positions read equally many pixels. */
function isEven(phases: ReceptiveField['phases']): boolean {
  return phases.every(({ intervals }) => intervals.every((interval) => extentOf(interval) === extentOf(intervals[0]!)));
}

/** Smallest field of any position. */
function smallestOf(phases: ReceptiveField['phases']): string {
  const [y, x] = phases.map(({ intervals }) => Math.min(...intervals.map(extentOf))) as [number, number];
  return formatAxes([y, x]);
}
