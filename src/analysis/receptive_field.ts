/**
 * Receptive fields: which part of the image one output position of a layer sees.
 *
 * With k̂ the dilated extent, s the stride and p the padding before, layer by layer:
 * r = 1 + Σ (k̂ₗ − 1)·Π_{i<l} sᵢ, S = Π sᵢ, P = Σ pₗ·Π_{i<l} sᵢ. Where branches meet, the one with the largest r counts.
 * Output position i then sees the pixels i·S − P to i·S − P + r − 1 of the image, those outside being padding.
 */
import * as tf from '@tensorflow/tfjs';
import { rangeError } from '../errors.js';
import type { LayerWindow } from '../layers/description.js';
import { foldModel, inputShapesOf, outputShapesOf, type LayerCall, type Shaped } from './graph.js';
import { formatTable, formatType, type Column } from './report.js';
import { describeLayer } from './stock_layers.js';

/** [y, x]. */
type Axes = readonly [number, number];

/** What one output position of a layer sees of the model's input, in pixels, [y, x]. */
export interface ReceptiveField {
  /** Height and width of the field. */
  readonly size: Axes;
  /** Pixels between the fields of neighbouring positions. */
  readonly stride: Axes;
  /** How far the field of position (0, 0) starts before the image. */
  readonly padding: Axes;
  /** Whether a path sees the whole image besides, as through global pooling or a dense layer. */
  readonly global: boolean;
  /** Whether a deformable layer on the way moves the field: sizes are then those at zero offsets. */
  readonly dataDependent: boolean;
}

/** The receptive field of one layer. */
export interface LayerReceptiveField extends ReceptiveField {
  /** Name of the layer, after those of nested models that hold it. */
  readonly name: string;
  /** Class of the layer. */
  readonly type: string;
}

/** Result of {@link receptiveField} for a whole model; prints as a table and serialises to JSON. */
export interface ReceptiveFieldReport {
  /** In the order of computation; a layer that is used again stands here again. */
  readonly layers: readonly LayerReceptiveField[];
  toString(): string;
}

/** Options of {@link receptiveField}. */
export interface ReceptiveFieldOptions {
  /** [height, width, channels] of the image: padding `'same'` depends on it. @default what the model was built for */
  readonly inputShape?: tf.Shape;
}

const ACTION = 'find receptive fields';

/** What a position of the image sees of the image. */
const IDENTITY: ReceptiveField = { size: [1, 1], stride: [1, 1], padding: [0, 0], global: false, dataDependent: false };

/** A receptive field on its way through the model. */
interface Traced extends Shaped {
  readonly field: ReceptiveField;
}

/**
 * The receptive field of every layer of a model of one image, or of one layer by name.
 *
 * @param model a built tf.LayersModel with one input [n, height, width, channels]
 * @param options size of the image, and a layer; see {@link ReceptiveFieldOptions}
 * @returns one field, or those of all layers with a table as `toString()`
 * @throws TypeError for something else than a model; RangeError for sizes that are open or do not fit, for an unknown
 * layer, and for a layer of a class that has no `describe` method
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
  const layers: LayerReceptiveField[] = [];
  traceFields(model, options.inputShape, ({ layer, path }, _, output) => {
    layers.push({ name: path, type: formatType(layer.getClassName()), ...output });
  });
  if (options.layer === undefined) return { layers, toString: () => format(layers) };
  const found = layers.find(({ name }) => name === options.layer);
  if (found === undefined) throw rangeError(ACTION, 'layer must be the name of a layer', 'layer', options.layer);
  return found;
}

/** Calls `found` with the fields of a layer's first input and output, for every use of a layer. */
export function traceFields(
  model: tf.LayersModel,
  inputShape: tf.Shape | undefined,
  found: (call: LayerCall, input: ReceptiveField, output: ReceptiveField) => void,
): void {
  const shapes = inputShapesOf(ACTION, model, inputShape);
  if (shapes.length !== 1 || shapes[0]!.length !== 4) {
    throw rangeError(ACTION, 'the model must have one input [n, height, width, channels]', 'input shapes', shapes);
  }
  foldModel<Traced>(model, [{ shape: shapes[0]!, field: IDENTITY }], (call, inputs) => {
    const outputs = outputShapesOf(
      call.layer,
      inputs.map(({ shape }) => shape),
    );
    const field = through(call, inputs, outputs[0]!);
    found(call, inputs[0]!.field, field);
    return outputs.map((shape) => ({ shape, field }));
  });
}

/** The field of a call's output. */
function through({ layer, path }: LayerCall, inputs: readonly Traced[], output: tf.Shape): ReceptiveField {
  const shapes = inputs.map(({ shape }) => shape);
  const description = describeLayer(layer, shapes, output);
  if (description === undefined) {
    const rule = `the class of layer '${path}' must have a describe method`;
    throw rangeError(ACTION, rule, 'class', layer.getClassName());
  }
  const { windows } = description;
  const branches = inputs.flatMap(({ shape, field }, index) => {
    const window = windows[Math.min(index, windows.length - 1)]!;
    if (window.sizeOnly === true) return [];
    const seen = widen(field, window);
    // Without rows and columns there are no positions left that could see different parts.
    return [shape.length === 4 && output.length === 4 ? seen : { ...seen, global: true }];
  });
  return branches.reduce(meet);
}

/** The field of a window over positions that have a field. */
function widen(field: ReceptiveField, window: LayerWindow): ReceptiveField {
  const each = (of: (axis: 0 | 1) => number): Axes => [of(0), of(1)];
  return {
    size: each((axis) => field.size[axis] + (window.size[axis] - 1) * field.stride[axis]),
    stride: each((axis) => field.stride[axis] * window.strides[axis]),
    padding: each((axis) => field.padding[axis] + window.padding[axis] * field.stride[axis]),
    global: field.global || window.global === true,
    dataDependent: field.dataDependent || window.dataDependent === true,
  };
}

/** The field of two branches together: on each axis the larger one. */
function meet(a: ReceptiveField, b: ReceptiveField): ReceptiveField {
  const larger = (axis: 0 | 1): ReceptiveField => (b.size[axis] > a.size[axis] ? b : a);
  const [y, x] = [larger(0), larger(1)];
  return {
    size: [y.size[0], x.size[1]],
    stride: [y.stride[0], x.stride[1]],
    padding: [y.padding[0], x.padding[1]],
    global: a.global || b.global,
    dataDependent: a.dataDependent || b.dataDependent,
  };
}

function format(layers: readonly LayerReceptiveField[]): string {
  const columns: Column[] = [
    { title: 'layer', align: 'left' },
    { title: 'type', align: 'left' },
    { title: 'size', align: 'right' },
    { title: 'stride', align: 'right' },
    { title: 'padding', align: 'right' },
    { title: 'sees', align: 'left' },
  ];
  const rows = layers.map(({ name, type, size, stride, padding, global, dataDependent }) => {
    const notes = [...(global ? ['whole image'] : []), ...(dataDependent ? ['where the input says'] : [])];
    return [
      name,
      type,
      ...[size, stride, padding].map(([y, x]) => (y === x ? String(y) : `${y}×${x}`)),
      notes.join(', '),
    ];
  });
  return formatTable(columns, rows);
}
