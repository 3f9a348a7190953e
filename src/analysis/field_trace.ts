/**
 * Propagation of receptive fields through a model.
 *
 * With k̂ the dilated extent, s the stride and p the padding before, over the layers:
 * r = 1 + Σ (k̂ₗ − 1)·Π_{i<l} sᵢ, S = Π sᵢ, P = Σ pₗ·Π_{i<l} sᵢ.
 * Output position i then reads the pixels i·S − P to i·S − P + r − 1 of the image; those outside it are padding. After
 * upsampling layers, and where branches with shifted fields meet, fields differ between positions: every phase then has
 * its own interval (axis_field.ts), and the field of merged branches is their union.
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

/** Receptive field of one output position of a layer in the model's input, in pixels, [y, x]. */
export interface ReceptiveField {
  /** Height and width of the field; of the largest one if fields differ between positions. */
  readonly size: Axes;
  /** Distance in pixels between the fields of neighbouring positions; the mean if fields differ. */
  readonly stride: Axes;
  /** Offset from the image's top left corner back to the field of position (0, 0). */
  readonly padding: Axes;
  /** Rows and columns in the field of each position: one interval if fields are equal, otherwise one per phase. */
  readonly phases: readonly [AxisField, AxisField];
  /** True if it also depends on the whole image, as through global pooling or a dense layer. */
  readonly global: boolean;
  /** True if it passes a deformable layer, so that it depends on the data; sizes are then those at zero offsets. */
  readonly dataDependent: boolean;
}

/** Receptive field of a position in itself. */
export const IDENTITY: ReceptiveField = toField([IDENTITY_AXIS, IDENTITY_AXIS], false, false);

/** Receptive fields of one call of a layer. */
export interface FieldOfCall extends LayerCall {
  /** Field of its first input; absent if it does not depend on the image, or is unknown. */
  readonly input: ReceptiveField | undefined;
  /** Field of its first output. */
  readonly output: ReceptiveField | undefined;
  /** Shape of its first output, batch first. */
  readonly outputShape: tf.Shape;
  readonly outputLayout: Layout;
  /** [height, width] of its first output; [1, 1] if it has no rows and columns. */
  readonly outputSize: Axes;
  /** True if its positions correspond to image positions; they do not after global pooling or region layers. */
  readonly placed: boolean;
  /** Windows of an output position, one per input; undefined for a class without a description. */
  readonly windows: readonly LayerWindow[] | undefined;
  /** Its inputs, with the ids of their tensors. */
  readonly sources: readonly Traced[];
  /** Ids of its output tensors. */
  readonly targets: readonly number[];
}

/** Receptive fields of all layer calls, in the order of computation. */
export interface FieldTrace {
  /** [height, width] of the image. */
  readonly imageSize: Axes;
  /** Id of the image tensor. */
  readonly image: number;
  readonly calls: readonly FieldOfCall[];
}

/** A tensor with its receptive field. */
export interface Traced extends Shaped {
  readonly id: number;
  readonly field: ReceptiveField | undefined;
  readonly layout: Layout;
  readonly placed: boolean;
}

/** Options of a trace. */
export interface TraceOptions {
  /** Shape of the image, or one shape per input, without the batch axis. @default the input shape of the model */
  readonly inputShape?: tf.Shape | readonly tf.Shape[] | undefined;
  /** True if a layer without a description is an error; if false, fields behind it are unknown. @default true */
  readonly strict?: boolean;
}

/** Propagates the receptive fields of the model's images through all its layers. */
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
      // A layer without a description is assumed to keep the positions of images.
      const keeps = windows === undefined || keepsPositions(value, windows[index]!, outputSize);
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

/** Last layer whose positions correspond to image positions, or else the last layer. */
export function lastPlaced(calls: readonly FieldOfCall[]): FieldOfCall | undefined {
  return calls.filter(({ placed }) => placed).at(-1) ?? calls.at(-1);
}

/**
 * True if output positions correspond to input positions as the window describes: not for region layers and
 * reorderings.
 */
export function keepsPositions(
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

/** Windows of one output position of a call, one per input; undefined for a class without a description. */
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
 * Field of a call's output. Inputs that do not depend on the image add nothing; a gate computed from the whole image
 * adds nothing to the field around a position.
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
    const seen = applyWindow(input.field, window, outputSize);
    // Without rows and columns there are no positions that could have different fields.
    const keeps = input.shape.length === 4 && output.length === 4;
    return [{ seen: keeps ? seen : withFlags(seen, { global: true }), counts: input.placed || !placed }];
  });
  if (branches.length === 0) return undefined;
  const global = branches.some(({ seen }) => seen.global);
  const dataDependent = branches.some(({ seen }) => seen.dataDependent);
  const local = branches.filter(({ counts }) => counts).map(({ seen }) => seen);
  return withFlags(
    local.reduce((a, b) => uniteFields(a, b, outputSize)),
    { global, dataDependent },
  );
}

/** Field after a window over positions that have a field; `outputSize` is the number of output positions. */
export function applyWindow(field: ReceptiveField, window: LayerWindow, outputSize: Axes): ReceptiveField {
  const along = (axis: 0 | 1): AxisField => axisThrough(field.phases[axis], readsOf(window, axis), outputSize[axis]);
  return toField(
    [along(0), along(1)],
    field.global || window.global === true,
    field.dataDependent || window.dataDependent === true,
  );
}

/** Union of the fields of two branches. */
export function uniteFields(a: ReceptiveField, b: ReceptiveField, size: Axes): ReceptiveField {
  const along = (axis: 0 | 1): AxisField => uniteAxes(a.phases[axis], b.phases[axis], size[axis]);
  return toField([along(0), along(1)], a.global || b.global, a.dataDependent || b.dataDependent);
}

/** Centre of the field of a position, which may be fractional. */
export function centerOf(field: ReceptiveField, axis: 0 | 1, position: number): number {
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

/** Number of pixels in the interval. */
export function extentOf(interval: Interval): number {
  return interval === null ? 0 : interval[1] - interval[0] + 1;
}
