/** Convolutions and normalisations of images: the parts that layers are made of. */
import { float, type Attributes, type OnnxGraph } from './graph.js';
import { depthwiseFirst, filterFirst } from './arrange_weights.js';
import type { Image, LayerUse, WeightValues } from './layer_use.js';
import { slide, type Window } from './window.js';

/** A convolution by the names of its weights in the layer. */
export interface ConvolutionSpec {
  /** [kh, kw, in / groups, out], or [kh, kw, channels, multiplier] if it is depthwise. */
  readonly kernel: string;
  /** @default none */
  readonly bias?: string | undefined;
  readonly window: Window;
  /** @default 1 */
  readonly groups?: number;
  /** @default false */
  readonly depthwise?: boolean;
}

/** Window of a 1×1 convolution. */
export const POINTWISE: Window = { kernelSize: [1, 1], strides: [1, 1], dilations: [1, 1], padding: 'valid' };

/** Adds a convolution of an image. */
export function convolve(use: LayerUse, image: Image, spec: ConvolutionSpec): Image {
  const { graph } = use;
  const { kernel, bias, window, depthwise = false } = spec;
  const slid = slide(graph, image, window);
  const filter = use.constant(kernel, depthwise ? depthwiseFirst : filterFirst);
  const group = depthwise ? image.channels : (spec.groups ?? 1);
  const name = graph.node('Conv', [slid.name, filter, bias === undefined ? '' : use.constant(bias)], {
    ...slid.attributes,
    group,
  });
  const [, , channels, last] = use.weight(kernel)!.shape as [number, number, number, number];
  return { name, channels: depthwise ? channels * last : last, height: slid.outHeight, width: slid.outWidth };
}

/** Names of the weights of a batch normalisation, with their prefix; gamma and beta may be absent. */
export function normalize(use: LayerUse, image: Image, prefix: string, epsilon: number): Image {
  return { ...image, name: batchNormalization(use, image.name, prefix, epsilon, image.channels) };
}

/** Adds a batch normalisation over axis 1 of the stored value. */
export function batchNormalization(
  use: LayerUse,
  x: string,
  prefix: string,
  epsilon: number,
  channels: number,
): string {
  const { graph } = use;
  const orElse = (name: string, value: number): string =>
    use.weight(`${prefix}${name}`) === undefined
      ? graph.floats(`${use.layer.name}/${name}`, [channels], new Float32Array(channels).fill(value))
      : use.constant(`${prefix}${name}`);
  const inputs = [
    x,
    orElse('gamma', 1),
    orElse('beta', 0),
    use.constant(`${prefix}moving_mean`),
    use.constant(`${prefix}moving_variance`),
  ];
  return graph.node('BatchNormalization', inputs, { epsilon: float(epsilon) });
}

/** Factor and shift of a batch normalisation, in float64 until the end. */
export function affineOf(
  use: LayerUse,
  epsilon: number,
  shape: readonly number[],
): { readonly scale: WeightValues; readonly shift: WeightValues } {
  const valuesOf = (name: string): Float32Array | undefined => use.weight(name)?.values;
  const mean = valuesOf('moving_mean')!;
  const variance = valuesOf('moving_variance')!;
  const scale = mean.map((_, c) => (valuesOf('gamma')?.[c] ?? 1) / Math.sqrt(variance[c]! + epsilon));
  const shift = mean.map((value, c) => (valuesOf('beta')?.[c] ?? 0) - value * scale[c]!);
  return { scale: { shape, values: scale }, shift: { shape, values: shift } };
}

/**
 * Normalises over the given stored axes, of a value whose `gamma` and `beta` broadcast.
 *
 * @param affine shape of gamma and beta
 */
export function layerNormalization(
  use: LayerUse,
  x: string,
  axes: readonly number[],
  epsilon: number,
  affine: { readonly gamma?: string | undefined; readonly beta?: string | undefined },
): string {
  const { graph } = use;
  const mean = (value: string): string => graph.node('ReduceMean', [value, graph.integers(...axes)], { keepdims: 1 });
  const centred = graph.node('Sub', [x, mean(x)]);
  const variance = graph.node('Add', [mean(graph.node('Mul', [centred, centred])), graph.scalar(epsilon)]);
  let y = graph.node('Div', [centred, graph.node('Sqrt', [variance])]);
  if (affine.gamma !== undefined) y = graph.node('Mul', [y, affine.gamma]);
  return affine.beta === undefined ? y : graph.node('Add', [y, affine.beta]);
}

/** A global average that keeps the axes of rows and columns. */
export function globalAverage({ graph }: LayerUse, image: Image): Image {
  return { ...image, name: graph.node('GlobalAveragePool', [image.name]), height: 1, width: 1 };
}

/** Attributes of a transposed convolution along both axes, from the rows and columns cropped before and after. */
export function cropping(crops: readonly (readonly [before: number, after: number])[]): Attributes {
  const [y, x] = crops as [readonly [number, number], readonly [number, number]];
  const after = (crop: number): number => Math.max(crop, 0);
  const extra = (crop: number): number => Math.max(-crop, 0);
  return { pads: [y[0], x[0], after(y[1]), after(x[1])], output_padding: [extra(y[1]), extra(x[1])] };
}

/** The shape operators take for "as many as the input has": a name that holds the stored shape. */
export function shapeOf(graph: OnnxGraph, name: string, start: number, end: number): string {
  return graph.node('Shape', [name], { start, end });
}
