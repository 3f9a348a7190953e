/**
 * Operators that Keras 3 keeps in the graph of a model, such as `x + 3` and `x * y`, as the layers that compute the same.
 * MobileNetV3 of keras.applications has some.
 */
import { isPlainObject } from '../errors.js';
import type { Call, KerasLayer, Reference } from './keras_model.js';

type Scalar = (value: number) => { readonly scale: number; readonly offset: number };

/** Operators with a number. */
const SCALARS: Readonly<Record<string, Scalar>> = {
  Add: (value) => ({ scale: 1, offset: value }),
  Subtract: (value) => ({ scale: 1, offset: -value }),
  Multiply: (value) => ({ scale: value, offset: 0 }),
  TrueDivide: (value) => ({ scale: 1 / value, offset: 0 }),
  Divide: (value) => ({ scale: 1 / value, offset: 0 }),
};

/** Operators of tensors that are layers too. */
const MERGES = ['Add', 'Multiply', 'Maximum', 'Minimum'];

const OPERATORS = [...Object.keys(SCALARS), ...MERGES];

/** True if the module of an object is that of Keras's operators. */
const isOperator = (module: unknown): boolean => typeof module === 'string' && /^keras(\.src)?\.ops\b/.test(module);

/**
 * Converts an operator to a layer.
 *
 * @param nodes its calls, as in the file
 * @returns undefined if the layer is none, or if no layer computes the same
 */
export function toOperation(layer: KerasLayer, module: unknown, nodes: readonly unknown[]): KerasLayer | undefined {
  const [node, ...others] = nodes;
  const args = argumentsOf(node);
  // An `.h5` file does not say so, but a layer takes several tensors as one list.
  const isUnnamed = module === undefined && args.length === 2 && OPERATORS.includes(layer.className);
  if (!isOperator(module) && !isUnnamed) return undefined;
  const named = { ...layer, className: `keras.ops.${layer.className}` };
  if (others.length > 0 || args.length !== 2) return named;
  const inputs = args.flatMap(referenceTo);
  const call: Call = { inputs, options: {} };
  const number = args[1];
  const scalar = Object.hasOwn(SCALARS, layer.className) ? SCALARS[layer.className]! : undefined;
  if (scalar !== undefined && typeof number === 'number' && inputs.length === 1) {
    return { ...layer, className: 'Rescaling', config: scalar(number), calls: [call] };
  }
  if (inputs.length === 2 && MERGES.includes(layer.className)) return { ...layer, config: {}, calls: [call] };
  return { ...named, calls: inputs.length === 0 ? [] : [call] };
}

function argumentsOf(node: unknown): readonly unknown[] {
  return isPlainObject(node) && Array.isArray(node['args']) ? (node['args'] as unknown[]) : [];
}

function referenceTo(argument: unknown): Reference[] {
  const config = isPlainObject(argument) ? argument['config'] : undefined;
  const history = isPlainObject(config) ? config['keras_history'] : undefined;
  if (!Array.isArray(history)) return [];
  const [layer, call, output] = history as unknown[];
  return [{ layer: String(layer), call: Number(call), output: Number(output) }];
}
