/** The deformable layers of a model, and how the positions of each lie in the one before it. */
import type * as tf from '@tensorflow/tfjs';
import type { Action } from '../errors.js';
import type { DeformableLayer, LayerWindow } from '../layers/description.js';
import { IDENTITY, keepsPlaces, meet, spatialSize, traceFields, widen, windowsOf, type Axes } from './field_trace.js';
import type { FieldOfCall, ReceptiveField } from './field_trace.js';
import { foldModel, imageInputOf, inputShapesOf, outputShapesOf, type LayerCall, type Shaped } from './graph.js';
import { inputLayout, layoutAfter, type Layout } from './layout.js';

/** One use of a deformable layer. */
export interface DeformableUse {
  readonly name: string;
  readonly layer: tf.layers.Layer & DeformableLayer;
  /** Place of the call in the order of computation. */
  readonly index: number;
  /** [height, width] of what it samples. */
  readonly inputSize: Axes;
  /** Pixels of the image between neighbouring taps of a plain convolution with the same window; 0 along an axis with one tap. */
  readonly tapSpacing: Axes;
  /** What positions of its input and output see of the image. */
  readonly input: ReceptiveField;
  readonly output: ReceptiveField;
  /** The deformable layer before it on the way to the image, if there is one. */
  readonly below: { readonly use: DeformableUse; readonly field: ReceptiveField } | undefined;
}

/**
 * Where the positions of a tensor lie: in the output of a deformable layer, or in the image where there was none. Absent
 * where they lie nowhere: behind regions of interest, or where rows and columns have been given up.
 */
interface Origin {
  readonly use: DeformableUse | undefined;
  /** What a position sees of the output, or of the image. */
  readonly field: ReceptiveField;
}

interface Placed extends Shaped {
  readonly origin: Origin | undefined;
  readonly layout: Layout;
}

/** All uses of deformable layers whose positions lie in the image, in the order of computation. */
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

/** The layers that a sample goes through from the given one on, towards the image. */
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
    // A layer with a data format reads it, whatever the tensor came as.
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
    if (!keepsPlaces(input, window, outputSize)) return [];
    return [{ use: input.origin.use, field: widen(input.origin.field, window, outputSize) }];
  });
  return branches.length === 0 ? undefined : branches.reduce((a, b) => join(a, b, outputSize));
}

/** Of two branches the one through more deformable layers; where they come from the same, both together. */
function join(a: Origin, b: Origin, size: Axes): Origin {
  if (a.use === b.use) return { use: a.use, field: meet(a.field, b.field, size) };
  const depth = ({ use }: Origin): number => (use === undefined ? 0 : chainFrom(use).length);
  return depth(b) > depth(a) ? b : a;
}
