/** Kernels in the order of PyTorch's axes. */
import { depthwiseFirst, reshaped, transpose } from '../onnx/arrange_weights.js';
import type { KernelLayout, NamedWeight } from './tensor_names.js';

/** Values of a weight. */
interface Values {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Orders of PyTorch's axes by the number of axes: [in, out], [length, in, out] and so on, as [out, in, …]. */
const ORDERS: Readonly<Record<number, readonly number[]>> = {
  2: [1, 0],
  3: [2, 1, 0],
  4: [3, 2, 0, 1],
  5: [4, 3, 0, 1, 2],
};

/** The part of a weight that decides on its order. */
type Kernel = Pick<NamedWeight, 'weight' | 'isLinear'> & { readonly shape: readonly number[] };

/** Shape of the tensor of a weight; of a linear one, [out, in]. */
export function tensorShape({ weight, isLinear, shape }: Kernel, layout: KernelLayout): readonly number[] {
  if (layout === 'keras' || !isKernel(weight, shape)) return shape;
  if (isDepthwise(weight, shape)) return [shape[2]! * shape[3]!, 1, shape[0]!, shape[1]!];
  const ordered = ORDERS[shape.length]!.map((axis) => shape[axis]!);
  return isLinear ? ordered.slice(0, 2) : ordered;
}

/** Values of a weight in the order of its tensor. */
export function toTensor(kernel: Kernel, values: Float32Array, layout: KernelLayout): Values {
  const shape = tensorShape(kernel, layout);
  const own = { shape: kernel.shape, values };
  if (layout === 'keras' || !isKernel(kernel.weight, kernel.shape)) return own;
  const ordered = isDepthwise(kernel.weight, kernel.shape)
    ? depthwiseFirst(own)
    : transpose(own, ORDERS[kernel.shape.length]!);
  return { shape, values: ordered.values };
}

/** Values of a tensor in the order of its weight. */
export function fromTensor(
  { weight, shape }: Omit<Kernel, 'isLinear'>,
  values: Float32Array,
  layout: KernelLayout,
): Float32Array {
  if (layout === 'keras' || !isKernel(weight, shape)) return values;
  // As [height, width, 1, out], a depthwise kernel is like any other.
  const own = isDepthwise(weight, shape) ? [shape[0]!, shape[1]!, 1, shape[2]! * shape[3]!] : shape;
  const order = ORDERS[own.length]!;
  const ordered = reshaped(...order.map((axis) => own[axis]!))({ shape: [], values });
  return transpose(
    ordered,
    own.map((_, axis) => order.indexOf(axis)),
  ).values;
}

/** True if a tensor's shape is that of a weight, or of a 1×1 convolution in place of a linear module or the reverse. */
export function fits(kernel: Kernel, layout: KernelLayout, shape: readonly number[]): boolean {
  const wanted = tensorShape(kernel, layout);
  if (isSame(shape, wanted)) return true;
  if (layout === 'keras' || !isKernel(kernel.weight, kernel.shape)) return false;
  if (isDepthwise(kernel.weight, kernel.shape)) return false;
  const isPoint = (sizes: readonly number[]): boolean =>
    [2, 4].includes(sizes.length) && sizes.slice(2).every((size) => size === 1);
  return isPoint(wanted) && isPoint(shape) && isSame(shape.slice(0, 2), wanted.slice(0, 2));
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Kernels, wherever they are in a layer: `kernel`, `depthwise_kernel`, `rate_6_kernel`, `offset_kernel`. */
function isKernel(weight: string, shape: readonly number[]): boolean {
  return /(^|_)kernel$/.test(weight) && ORDERS[shape.length] !== undefined;
}

function isDepthwise(weight: string, shape: readonly number[]): boolean {
  return /(^|_)depthwise_kernel$/.test(weight) && shape.length === 4;
}
