/** One call of a layer, as converters see it, and what they make of it. */
import type * as tf from '@tensorflow/tfjs';
import type { OnnxGraph } from './graph.js';
import { ordered, type Value } from './value.js';

/** Settings of an export that converters read. */
export interface ConvertSettings {
  /** Form of deformable layers: DeformConv, or standard operators that all runtimes have. */
  readonly deformable: 'native' | 'decomposed';
  /** True if decomposed deformable layers read nothing where an offset is NaN. */
  readonly nanGuard: boolean;
}

/** Values of a weight. */
export interface WeightValues {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Rearranges a weight for an operator of ONNX. */
export type Arrange = (weight: WeightValues) => WeightValues;

/** One call of a layer. */
export interface LayerUse {
  readonly graph: OnnxGraph;
  readonly settings: ConvertSettings;
  readonly layer: tf.layers.Layer;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Value[];
  /** Shape of the output in the model. */
  readonly shape: tf.Shape;
  /** Values of a weight by its name within the layer; undefined if there is none. */
  readonly weight: (name: string) => WeightValues | undefined;
  /**
   * Adds a weight as a constant, once for all calls of the layer; returns its name.
   *
   * @param part name of the part, if a weight is divided
   */
  readonly constant: (name: string, arrange?: Arrange, part?: string) => string;
}

/** Adds the nodes of one layer; returns its output. */
export type Converter = (use: LayerUse) => Value;

/** Converters by the class name of the layer. */
export type Converters = Readonly<Record<string, Converter>>;

/** Reason why a layer has no form in ONNX. */
export class NotExportable extends Error {
  override readonly name = 'NotExportable';
}

/** An image batch of the graph, channels first. */
export interface Image {
  readonly name: string;
  readonly channels: number;
  /** Null if it depends on the input, as for `width`. */
  readonly height: number | null;
  readonly width: number | null;
}

/** True if the layer's images are channels first. */
export function isChannelsFirst({ config }: LayerUse): boolean {
  return config['dataFormat'] === 'channelsFirst';
}

/** An input of a layer over images. */
export function imageOf(use: LayerUse, index = 0): Image {
  const value = use.inputs[index]!;
  if (value.shape.length !== 4) throw new NotExportable('its input must be an image batch of rank 4');
  const first = isChannelsFirst(use);
  const [, a = null, b = null, c = null] = value.shape;
  const [height, width, channels] = first ? [b, c, a] : [a, b, c];
  if (channels === null) throw new NotExportable('the number of input channels must be known');
  return { name: ordered(use.graph, value, !first), channels, height, width };
}

/** Output of a layer over images. */
export function imageValue(use: LayerUse, { name }: Pick<Image, 'name'>): Value {
  return { name, shape: use.shape, moved: !isChannelsFirst(use), dtype: 'float32' };
}

/** Output of a layer that stores its axes in the order of the model. */
export function plainValue(use: LayerUse, name: string): Value {
  return { name, shape: use.shape, moved: false, dtype: 'float32' };
}

/** First input of a layer that computes element by element, and the layer's output from its name. */
export function elementwise(use: LayerUse, compute: (name: string, input: Value) => string): Value {
  const input = use.inputs[0]!;
  return { ...input, name: compute(input.name, input), shape: use.shape };
}

/** Size of a known axis. */
export function known(size: number | null | undefined, what: string): number {
  if (typeof size !== 'number') throw new NotExportable(`${what} must be known; give them as options.inputShape`);
  return size;
}
