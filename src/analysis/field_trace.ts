/**
 * Receptive fields on their way through a model.
 *
 * With k̂ the dilated extent, s the stride and p the padding before, layer by layer:
 * r = 1 + Σ (k̂ₗ − 1)·Π_{i<l} sᵢ, S = Π sᵢ, P = Σ pₗ·Π_{i<l} sᵢ.
 * Output position i then sees the pixels i·S − P to i·S − P + r − 1 of the image, those outside being padding. Behind
 * layers that enlarge, and where branches meet whose fields lie beside each other, positions see unequal parts: there
 * every phase has an interval of its own (axis_field.ts), and where branches meet, the union counts.
 */
import type * as tf from '@tensorflow/tfjs';
import { rangeError, type Action } from '../errors.js';
import type { LayerWindow } from '../layers/description.js';
import { readsOf } from '../layers/reading_window.js';
import { axisThrough, IDENTITY_AXIS, middleAt, uniteAxes, type AxisField, type Interval } from './axis_field.js';
import { foldModel, imageInputOf, inputShapesOf, outputShapesOf, type LayerCall, type Shaped } from './graph.js';
import { inputLayout, layoutAfter, SPATIAL_AXES, type Layout } from './layout.js';
import { describeLayer } from './stock_layers.js';

/** [y, x]. */
export type Axes = readonly [number, number];

/** What one output position of a layer sees of the model's input, in pixels, [y, x]. */
export interface ReceptiveField {
  /** Height and width of the field; of the largest one where positions see unequal parts. */
  readonly size: Axes;
  /** Pixels between the fields of neighbouring positions; their mean where positions see unequal parts. */
  readonly stride: Axes;
  /** How far the field of position (0, 0) starts before the image. */
  readonly padding: Axes;
  /** The rows, and the columns, that each position sees: one interval where all see equal parts, else one a phase. */
  readonly phases: readonly [AxisField, AxisField];
  /** Whether a path sees the whole image besides, as through global pooling or a dense layer. */
  readonly global: boolean;
  /** Whether a deformable layer on the way moves the field: sizes are then those at zero offsets. */
  readonly dataDependent: boolean;
}

/** What a position sees of itself. */
export const IDENTITY: ReceptiveField = toField([IDENTITY_AXIS, IDENTITY_AXIS], false, false);

/** The fields of one use of a layer. */
export interface FieldOfCall extends LayerCall {
  /** Of the positions of its first input; absent where nothing of the image arrives, or nobody knows what of it. */
  readonly input: ReceptiveField | undefined;
  /** Of the positions of its first output. */
  readonly output: ReceptiveField | undefined;
  /** Of its first output, batch first. */
  readonly outputShape: tf.Shape;
  readonly outputLayout: Layout;
  /** [height, width] of its first output; [1, 1] where that has no rows and columns. */
  readonly outputSize: Axes;
  /** Whether its positions are places of the image, as they are no more behind global pooling or regions of interest. */
  readonly placed: boolean;
  /** What an output position reads; undefined for a class that nobody described. */
  readonly windows: readonly LayerWindow[] | undefined;
  /** Its inputs, and which tensors they are: each has a number of its own. */
  readonly sources: readonly Traced[];
  /** Numbers of its outputs. */
  readonly targets: readonly number[];
}

/** The fields of all uses of layers, in the order of computation. */
export interface FieldTrace {
  /** [height, width] of the image. */
  readonly imageSize: Axes;
  /** Number of the image's tensor. */
  readonly image: number;
  readonly calls: readonly FieldOfCall[];
}

/** A tensor on its way through the model. */
export interface Traced extends Shaped {
  readonly id: number;
  readonly field: ReceptiveField | undefined;
  readonly layout: Layout;
  readonly placed: boolean;
}

/** How a trace is made. */
export interface TraceOptions {
  /** Without the batch axis; one, or one for each input. @default what the model was built for */
  readonly inputShape?: tf.Shape | readonly tf.Shape[] | undefined;
  /** Whether a layer that nobody described is an error; fields behind it are else unknown. @default true */
  readonly strict?: boolean;
}

/** Follows the receptive fields of the model's images through all its layers. */
export function traceFields(action: Action, model: tf.LayersModel, options: TraceOptions = {}): FieldTrace {
  const shapes = inputShapesOf(action, model, options.inputShape);
  const image = imageInputOf(action, model);
  const layout = inputLayout(model, image);
  let tensors = 0;
  const inputs = shapes.map((shape, index) => {
    const placed = index === image;
    return { id: tensors++, shape, field: placed ? IDENTITY : undefined, layout, placed };
  });
  const calls: FieldOfCall[] = [];
  foldModel<Traced>(model, inputs, (call, values) => {
    const outputs = outputShapesOf(
      call.layer,
      values.map(({ shape }) => shape),
    );
    const windows = windowsOf(action, call, values, outputs[0]!, options.strict ?? true);
    const after = layoutAfter(call.layer, values[0]!.layout);
    const outputSize = spatialSize(outputs[0]!, after);
    const placed = values.some((value, index) => {
      // Behind a layer that nobody described, images are taken for such of the same places.
      const keeps = windows === undefined || keepsPlaces(value, windows[index]!, outputSize);
      return value.placed && keeps && outputs[0]!.length === 4;
    });
    const field = windows && fieldAfter(values, outputs[0]!, windows, outputSize, placed);
    const results = outputs.map((shape) => ({ id: tensors++, shape, field, layout: after, placed }));
    calls.push({
      ...call,
      input: values[0]!.field,
      output: field,
      outputShape: outputs[0]!,
      outputLayout: after,
      outputSize,
      placed,
      windows,
      sources: values,
      targets: results.map(({ id }) => id),
    });
    return results;
  });
  return { imageSize: spatialSize(shapes[image]!, layout), image: inputs[image]!.id, calls };
}

/** [height, width] of a batch. */
export function spatialSize(shape: tf.Shape, layout: Layout): Axes {
  if (shape.length !== 4) return [1, 1];
  const [y, x] = SPATIAL_AXES[layout];
  return [shape[y]!, shape[x]!];
}

/** The last layer whose positions are places of the image, or else the last one. */
export function lastPlaced(calls: readonly FieldOfCall[]): FieldOfCall | undefined {
  return calls.filter(({ placed }) => placed).at(-1) ?? calls.at(-1);
}

/** Whether positions of an output lie where the window says: not for regions of interest and elements in another order. */
export function keepsPlaces(
  { shape, layout }: { readonly shape: tf.Shape; readonly layout: Layout },
  window: LayerWindow,
  outputSize: Axes,
): boolean {
  if (shape.length !== 4 || window.sizeOnly === true) return false;
  if (window.global !== true) return true;
  const size = spatialSize(shape, layout);
  const isPointwise = [...window.size, ...window.strides].every((count) => count === 1);
  const resized = isPointwise && (size[0] !== outputSize[0] || size[1] !== outputSize[1]);
  return window.dataDependent !== true && !resized;
}

/** What one output position of a call sees of each of its inputs; undefined for a class that nobody described. */
export function windowsOf(
  action: Action,
  { layer, path }: LayerCall,
  inputs: readonly Shaped[],
  output: tf.Shape,
  strict: boolean,
): readonly LayerWindow[] | undefined {
  const shapes = inputs.map(({ shape }) => shape);
  const windows = describeLayer(layer, shapes, output)?.windows;
  if (windows === undefined) {
    if (!strict) return undefined;
    const rule = `the class of layer '${path}' must have a describe method`;
    throw rangeError(action, rule, 'class', layer.getClassName());
  }
  return inputs.map((_, index) => windows[Math.min(index, windows.length - 1)]!);
}

/**
 * The field of a call's output; inputs that do not see the image add nothing, and a gate that is made of the whole image
 * adds nothing to what is seen around a position of it.
 */
function fieldAfter(
  inputs: readonly Traced[],
  output: tf.Shape,
  windows: readonly LayerWindow[],
  outputSize: Axes,
  placed: boolean,
): ReceptiveField | undefined {
  const branches = inputs.flatMap((input, index) => {
    const window = windows[index]!;
    if (input.field === undefined || window.sizeOnly === true) return [];
    const seen = widen(input.field, window, outputSize);
    // Without rows and columns there are no positions left that could see different parts.
    const keeps = input.shape.length === 4 && output.length === 4;
    return [{ seen: keeps ? seen : withFlags(seen, { global: true }), counts: input.placed || !placed }];
  });
  if (branches.length === 0) return undefined;
  const global = branches.some(({ seen }) => seen.global);
  const dataDependent = branches.some(({ seen }) => seen.dataDependent);
  const local = branches.filter(({ counts }) => counts).map(({ seen }) => seen);
  return withFlags(
    local.reduce((a, b) => meet(a, b, outputSize)),
    { global, dataDependent },
  );
}

/** The field of a window over positions that have a field; `outputSize` is how many positions there then are. */
export function widen(field: ReceptiveField, window: LayerWindow, outputSize: Axes): ReceptiveField {
  const along = (axis: 0 | 1): AxisField => axisThrough(field.phases[axis], readsOf(window, axis), outputSize[axis]);
  return toField(
    [along(0), along(1)],
    field.global || window.global === true,
    field.dataDependent || window.dataDependent === true,
  );
}

/** The field of two branches together. */
export function meet(a: ReceptiveField, b: ReceptiveField, size: Axes): ReceptiveField {
  const along = (axis: 0 | 1): AxisField => uniteAxes(a.phases[axis], b.phases[axis], size[axis]);
  return toField([along(0), along(1)], a.global || b.global, a.dataDependent || b.dataDependent);
}

/** Middle of the field of a position, which may lie between positions. */
export function middleOf(field: ReceptiveField, axis: 0 | 1, position: number): number {
  return middleAt(field.phases[axis], position);
}

function withFlags(
  field: ReceptiveField,
  flags: Partial<Pick<ReceptiveField, 'global' | 'dataDependent'>>,
): ReceptiveField {
  return { ...field, ...flags };
}

function toField(phases: ReceptiveField['phases'], global: boolean, dataDependent: boolean): ReceptiveField {
  const each = (of: (axis: AxisField) => number): Axes => [of(phases[0]), of(phases[1])];
  return {
    size: each(({ intervals }) => Math.max(...intervals.map(extentOf))),
    stride: each(({ shift, intervals }) => shift / intervals.length),
    padding: each(({ intervals }) => 0 - (intervals.find((interval) => interval !== null)?.[0] ?? 0)),
    phases,
    global,
    dataDependent,
  };
}

/** Number of pixels. */
export function extentOf(interval: Interval): number {
  return interval === null ? 0 : interval[1] - interval[0] + 1;
}
