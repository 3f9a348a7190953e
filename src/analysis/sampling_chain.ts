/** Deformable layers of a model, and how the positions of each map to the one before it. */
import type * as tf from '@tensorflow/tfjs';
import type { Action } from '../errors.js';
import type { DeformableLayer, LayerWindow } from '../layers/description.js';
import {
  IDENTITY,
  keepsPositions,
  uniteFields,
  spatialSize,
  traceFields,
  applyWindow,
  windowsOf,
  type Axes,
} from './field_trace.js';
import type { FieldOfCall, ReceptiveField } from './field_trace.js';
import { foldModel, imageInputOf, inputShapesOf, outputShapesOf, type LayerCall, type Shaped } from './graph.js';
import { inputLayout, layoutAfter, type Layout } from './layout.js';

/** One call of a deformable layer. */
export interface DeformableUse {
  readonly name: string;
  readonly layer: tf.layers.Layer & DeformableLayer;
  /** Index of the call in the order of computation. */
  readonly index: number;
  /** [height, width] of its input. */
  readonly inputSize: Axes;
  /**
   * Distance in image pixels between neighbouring taps of a plain convolution with the same window; 0 along an axis
   * with one tap.
   */
  readonly tapSpacing: Axes;
  /** Receptive fields of positions of its input and output in the image. */
  readonly input: ReceptiveField;
  readonly output: ReceptiveField;
  /** The preceding deformable layer on the path to the image, if any. */
  readonly below: { readonly use: DeformableUse; readonly field: ReceptiveField } | undefined;
}

/**
 * Tensor to whose positions those of another tensor map: the output of a deformable layer, or the image if there was
 * none. Absent if positions have no meaning: after region layers, or without rows and columns.
 */
interface Origin {
  readonly use: DeformableUse | undefined;
  /** Receptive field of a position in that output or image. */
  readonly field: ReceptiveField;
}

interface Placed extends Shaped {
  readonly origin: Origin | undefined;
  readonly layout: Layout;
}

/** Finds all calls of deformable layers whose positions map to the image, in the order of computation. */
export function deformableUses(
  action: Action,
  model: tf.LayersModel,
  inputShape: readonly tf.Shape[],
): readonly DeformableUse[] {
  const shapes = inputShapesOf(action, model, inputShape);
  const image = imageInputOf(action, model);
  const layout = inputLayout(model, image);
  const { calls } = traceFields(action, model, { inputShape });
  const uses: DeformableUse[] = [];
  const inputs = shapes.map((shape, index) => ({
    shape,
    layout,
    origin: index === image ? { use: undefined, field: IDENTITY } : undefined,
  }));
  foldModel<Placed>(model, inputs, (call, values) => {
    const outputs = outputShapesOf(
      call.layer,
      values.map(({ shape }) => shape),
    );
    const after = layoutAfter(call.layer, values[0]!.layout);
    const windows = windowsOf(action, call, values, outputs[0]!, true)!;
    const use = toUse(call, calls[call.index]!, values[0]!, windows[0]!);
    if (use !== undefined) uses.push(use);
    const origin = use === undefined ? originAfter(values, windows, outputs[0]!, after) : { use, field: IDENTITY };
    return outputs.map((shape) => ({ shape, layout: after, origin }));
  });
  return uses;
}

/** Deformable layers that a sample passes from the given one on, towards the image. */
export function chainFrom(use: DeformableUse): readonly DeformableUse[] {
  return [use, ...(use.below === undefined ? [] : chainFrom(use.below.use))];
}

function toUse(
  { layer, path, index }: LayerCall,
  { input, output }: FieldOfCall,
  { shape, origin, layout }: Placed,
  window: LayerWindow,
): DeformableUse | undefined {
  if (!isDeformable(layer) || origin === undefined || input === undefined || output === undefined) return undefined;
  const { use, field } = origin;
  const below = use && { use, field };
  const spacing = (axis: 0 | 1): number => {
    const taps = layer.kernelSize[axis];
    return taps === 1 ? 0 : ((window.size[axis] - 1) / (taps - 1)) * input.stride[axis];
  };
  return {
    name: path,
    layer,
    index,
    // A layer with a data format reads in that format, whatever the layout of the tensor.
    inputSize: spatialSize(shape, layoutAfter(layer, layout)),
    tapSpacing: [spacing(0), spacing(1)],
    input,
    output,
    below,
  };
}

function isDeformable(layer: tf.layers.Layer): layer is tf.layers.Layer & DeformableLayer {
  return 'tapLocations' in layer && typeof layer.tapLocations === 'function';
}

function originAfter(
  inputs: readonly Placed[],
  windows: readonly LayerWindow[],
  output: tf.Shape,
  layout: Layout,
): Origin | undefined {
  const outputSize = spatialSize(output, layout);
  const branches = inputs.flatMap((input, index): Origin[] => {
    const window = windows[index]!;
    if (input.origin === undefined || output.length !== 4) return [];
    if (!keepsPositions(input, window, outputSize)) return [];
    return [{ use: input.origin.use, field: applyWindow(input.origin.field, window, outputSize) }];
  });
  return branches.length === 0 ? undefined : branches.reduce((a, b) => join(a, b, outputSize));
}

/** Chooses the branch through more deformable layers; if both come from the same one, unites them. */
function join(a: Origin, b: Origin, size: Axes): Origin {
  if (a.use === b.use) return { use: a.use, field: uniteFields(a.field, b.field, size) };
  const depth = ({ use }: Origin): number => (use === undefined ? 0 : chainFrom(use).length);
  return depth(b) > depth(a) ? b : a;
}
