/** Sliding windows: padding, and the operators that slide. */
import { dilatedExtent, resolveWindow, type Padding, type PaddingMode } from '../../kernel/geometry.js';
import type { Attributes, OnnxGraph } from './graph.js';
import { NotExportable, type Image } from './layer_use.js';

/** Window of a layer. */
export interface Window {
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: Padding;
  /** @default 'zeros' */
  readonly paddingMode?: PaddingMode;
}

/** Image with a window that fits it: the padding is in `attributes`, or already in the image. */
export interface Slid {
  readonly name: string;
  /** kernel_shape, strides, dilations, and pads or auto_pad. */
  readonly attributes: Attributes;
  readonly outHeight: number | null;
  readonly outWidth: number | null;
  /** Rows and columns of `attributes` before the image, (top, left); undefined for auto_pad. */
  readonly before: readonly [number, number] | undefined;
}

/** Names of ONNX's Pad. */
const PAD_MODES = { zeros: 'constant', reflect: 'reflect', replicate: 'edge', circular: 'wrap' } as const;

/** Window options in the config of a layer, of this package or of TensorFlow.js. */
export function windowIn(config: Readonly<Record<string, unknown>>, kernel: unknown = config['kernelSize']): Window {
  return {
    kernelSize: pair(kernel),
    strides: pair(config['strides'] ?? 1),
    dilations: pair(config['dilationRate'] ?? 1),
    padding: (config['padding'] ?? 'valid') as Padding,
    paddingMode: (config['paddingMode'] ?? 'zeros') as PaddingMode,
  };
}

/** A number for both axes, or [height, width]. */
export function pair(value: unknown): [number, number] {
  return (Array.isArray(value) ? [value[0], value.at(-1)] : [value, value]) as [number, number];
}

/**
 * Resolves the padding of a window.
 *
 * @param explicit whether the operator takes amounts only: with sizes that depend on the input, the image is then padded
 * first
 */
export function slide(graph: OnnxGraph, image: Image, window: Window, explicit = false): Slid {
  const { kernelSize, strides, dilations, paddingMode = 'zeros' } = window;
  const attributes = { kernel_shape: kernelSize, strides, dilations };
  const size = sizeAfter(image, window);
  const amounts = paddingOf(image, window);
  if (paddingMode !== 'zeros' && !isNone(amounts)) {
    const name = pad(graph, image, amounts ?? dynamicPadding(graph, image, window), PAD_MODES[paddingMode]);
    return { name, attributes: { ...attributes, pads: [0, 0, 0, 0] }, ...size, before: [0, 0] };
  }
  if (amounts !== undefined) {
    return {
      name: image.name,
      attributes: { ...attributes, pads: amounts },
      ...size,
      before: [amounts[0], amounts[1]],
    };
  }
  // TensorFlow's 'same' is ONNX's SAME_UPPER, for which runtimes demand no dilation, and windows that leave no gap.
  const isSimple = dilations.every((step) => step === 1) && kernelSize.every((taps, axis) => taps >= strides[axis]!);
  if (isSimple && !explicit) {
    return { name: image.name, attributes: { ...attributes, auto_pad: 'SAME_UPPER' }, ...size, before: undefined };
  }
  const name = pad(graph, image, dynamicPadding(graph, image, window), 'constant');
  return { name, attributes: { ...attributes, pads: [0, 0, 0, 0] }, ...size, before: [0, 0] };
}

/** Pads an image with the given amounts, [top, left, bottom, right] or the name of eight computed ones. */
export function pad(graph: OnnxGraph, { name }: Image, amounts: readonly number[] | string, mode: string): string {
  if (mode === 'wrap' && typeof amounts !== 'string') return wrap(graph, name, amounts);
  const pads =
    typeof amounts === 'string'
      ? amounts
      : graph.integers(0, 0, amounts[0]!, amounts[1]!, 0, 0, amounts[2]!, amounts[3]!);
  return graph.node('Pad', [name, pads], mode === 'constant' ? {} : { mode });
}

/** Pads an image with its other end, by slices: OpenVINO has no wrapping Pad. */
function wrap(graph: OnnxGraph, name: string, [top, left, bottom, right]: readonly number[]): string {
  const along = (x: string, axis: number, before: number, after: number): string => {
    const part = (start: number, end: number): string =>
      graph.node('Slice', [x, graph.integers(start), graph.integers(end), graph.integers(axis)]);
    const parts = [...(before > 0 ? [part(-before, END)] : []), x, ...(after > 0 ? [part(0, after)] : [])];
    return parts.length === 1 ? x : graph.node('Concat', parts, { axis });
  };
  return along(along(name, 2, top!, bottom!), 3, left!, right!);
}

/** End of a slice that goes up to the last element. */
export const END = 2 ** 31 - 1;

function isNone(amounts: readonly number[] | undefined): boolean {
  return amounts !== undefined && amounts.every((amount) => amount === 0);
}

/** Output size of the window; null where the image's is unknown. */
function sizeAfter(
  image: Image,
  window: Window,
): { readonly outHeight: number | null; readonly outWidth: number | null } {
  const { outHeight, outWidth } = resolveWindow('export a window', anySize(image, window), window.kernelSize, window);
  return { outHeight: image.height === null ? null : outHeight, outWidth: image.width === null ? null : outWidth };
}

/** [top, left, bottom, right]; undefined if they depend on the image's size. */
function paddingOf(image: Image, window: Window): [number, number, number, number] | undefined {
  const { padding, strides, kernelSize } = window;
  const isFixed = ([image.height, image.width] as const).every(
    (size, axis) => size !== null || strides[axis] === 1 || kernelSize[axis] === 1,
  );
  if (padding === 'same' && !isFixed) return undefined;
  const g = resolveWindow('export a window', anySize(image, window), kernelSize, window);
  return [g.padTop, g.padLeft, g.padBottom, g.padRight];
}

/** Size of the image, with an unknown one as one that fits. */
function anySize({ height, width }: Image, { kernelSize, dilations }: Window): readonly [number, number] {
  const fitting = (axis: 0 | 1): number => dilatedExtent(kernelSize[axis], dilations[axis]);
  return [height ?? fitting(0), width ?? fitting(1)];
}

/** Amounts of 'same', computed in the graph: max((⌈i / s⌉ − 1) · s + k̂ − i, 0), the smaller half first. */
function dynamicPadding(graph: OnnxGraph, { name }: Image, { kernelSize, strides, dilations }: Window): string {
  const stride = graph.integers(...strides);
  const size = graph.node('Shape', [name], { start: 2, end: 4 });
  const rounded = graph.node('Add', [size, graph.integers(...strides.map((step) => step - 1))]);
  const last = graph.node('Sub', [graph.node('Div', [rounded, stride]), graph.integers(1)]);
  const extent = graph.integers(...kernelSize.map((taps, axis) => dilatedExtent(taps, dilations[axis]!)));
  const covered = graph.node('Add', [graph.node('Mul', [last, stride]), extent]);
  const total = graph.node('Max', [graph.node('Sub', [covered, size]), graph.integers(0)]);
  const before = graph.node('Div', [total, graph.integers(2)]);
  const none = graph.integers(0, 0);
  return graph.node('Concat', [none, before, none, graph.node('Sub', [total, before])], { axis: 0 });
}

/** Pools an image. */
export function pool(graph: OnnxGraph, image: Image, window: Window, type: 'MaxPool' | 'AveragePool'): string {
  const slid = slide(graph, image, window);
  if (slid.name !== image.name) {
    const rule = "'same' padding with a window smaller than its stride";
    throw new NotExportable(`height and width must be known for ${rule}; give them as options.inputShape`);
  }
  const { kernelSize, strides } = window;
  const { pads } = slid.attributes;
  const attributes = { kernel_shape: kernelSize, strides };
  if (pads === undefined) return graph.node(type, [slid.name], { ...attributes, auto_pad: 'SAME_UPPER' });
  // Runtimes refuse as much padding as the window has pixels, even where no window reaches it.
  const [top, left, bottom, right] = pads as readonly [number, number, number, number];
  const reached = (amount: number, axis: 0 | 1, size: number | null, out: number | null, before: number): number =>
    size === null || out === null
      ? amount
      : Math.min(amount, Math.max(0, (out - 1) * strides[axis] + kernelSize[axis] - size - before));
  const after = [
    reached(bottom, 0, image.height, slid.outHeight, top),
    reached(right, 1, image.width, slid.outWidth, left),
  ];
  return graph.node(type, [slid.name], { ...attributes, pads: [top, left, ...after] });
}
