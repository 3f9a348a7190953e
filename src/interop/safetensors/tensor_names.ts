/** Names of the tensors of a file, for the weights of a model. */
import type * as tf from '@tensorflow/tfjs';
import { checkOneOf, isPlainObject, rangeError, typeError, type Action } from '../../errors.js';
import { modelLayers, type ModelLayer } from '../model_layers.js';
import { findModules, LIBRARIES, networksOf, type FindModule, type TorchLibrary } from './torch_networks.js';

/**
 * Names of tensors: those of Keras, `'block_1_expand/kernel'`, which are those of this package; those of torchvision's or
 * timm's network; or your own. An object has the modules of layers, `{ head: 'classifier.1' }`, or the tensors of
 * weights, `{ 'head/kernel': 'classifier.1.weight' }`; a function takes the name of a weight and returns that of its
 * tensor, or undefined if it has none.
 */
export type TensorNames =
  'keras' | TorchLibrary | Readonly<Record<string, string>> | ((weight: string) => string | undefined);

/** Order of the axes of kernels in a file. */
export const LAYOUTS = ['torch', 'keras'] as const;

/**
 * Order of the axes of kernels in a file.
 *
 * @useDeclaredType
 */
export type KernelLayout = (typeof LAYOUTS)[number];

/** Options that loading and saving share. */
export interface TensorNaming {
  /** Names of the tensors. */
  readonly names: TensorNames;
  /**
   * Order of the axes of kernels in the file: PyTorch's, [out, in, height, width], or Keras's, [height, width, in, out].
   * @default 'keras' with names 'keras', otherwise 'torch'
   */
  readonly layout?: KernelLayout;
}

/** A weight of a model and the name of its tensor. */
export interface NamedWeight {
  /** Names of the layers around it, of its layer and its own: `'block_1_expand/kernel'`. */
  readonly path: string;
  /** Its own name: `'kernel'`. */
  readonly weight: string;
  readonly variable: tf.LayerVariable;
  /** Undefined if the names have none for it. */
  readonly tensor: string | undefined;
  /** True for a 1×1 convolution that is a `Linear` module in PyTorch, with a kernel [out, in]. */
  readonly isLinear: boolean;
}

/** The weights of a model with the names of their tensors. */
export interface NamedWeights {
  readonly weights: readonly NamedWeight[];
  readonly layout: KernelLayout;
}

/** PyTorch's names of weights. */
const TORCH_WEIGHTS: ReadonlyMap<string, string> = new Map([
  ['kernel', 'weight'],
  ['depthwise_kernel', 'weight'],
  ['gamma', 'weight'],
  ['beta', 'bias'],
  ['moving_mean', 'running_mean'],
  ['moving_variance', 'running_var'],
]);

/** A weight with the path of its layer. */
interface PlacedWeight {
  readonly layer: string;
  readonly weight: string;
  readonly variable: tf.LayerVariable;
}

type FindTensor = (placed: PlacedWeight) => { readonly name: string; readonly isLinear?: boolean } | undefined;

/**
 * Names the weights of a model.
 *
 * @throws TypeError or RangeError if the names are of no known kind, are not known for this model, name something that
 * it does not have, or name the same tensor twice
 */
export function nameWeights(action: Action, model: tf.LayersModel, { names, layout }: TensorNaming): NamedWeights {
  const placed = placeWeights(modelLayers(model), '');
  const order =
    layout === undefined ? (names === 'keras' ? 'keras' : 'torch') : checkOneOf(action, 'layout', layout, LAYOUTS);
  const find = findTensors(action, model, placed, names, order);
  const owners = new Map<string, string>();
  const weights = placed.map(({ layer, weight, variable }) => {
    const path = `${layer}/${weight}`;
    const found = find({ layer, weight, variable });
    const owner = found && owners.get(found.name);
    if (owner !== undefined) {
      throw rangeError(action, `'${owner}' and '${path}' must have different tensors`, 'names', found!.name);
    }
    if (found !== undefined) owners.set(found.name, path);
    return { path, weight, variable, tensor: found?.name, isLinear: found?.isLinear ?? false };
  });
  return { weights, layout: order };
}

function placeWeights(layers: readonly ModelLayer[], prefix: string): PlacedWeight[] {
  return layers.flatMap(({ name, weights, children = [], parts }) => [
    ...weights.map(({ name: weight, variable }) => ({ layer: `${prefix}${name}`, weight, variable })),
    ...placeWeights([...children, ...(parts?.values() ?? [])], `${prefix}${name}/`),
  ]);
}

function findTensors(
  action: Action,
  model: tf.LayersModel,
  placed: readonly PlacedWeight[],
  names: unknown,
  layout: KernelLayout,
): FindTensor {
  const inModule = (module: string, weight: string): string =>
    layout === 'torch' ? `${module}.${TORCH_WEIGHTS.get(weight) ?? weight}` : `${module}/${weight}`;
  if (names === 'keras') return ({ layer, weight }) => ({ name: `${layer}/${weight}` });
  if (typeof names === 'string') {
    const find = modulesOf(
      action,
      model,
      placed,
      checkOneOf(action, 'names', names, ['keras', ...LIBRARIES]) as TorchLibrary,
    );
    return ({ layer, weight }) => {
      const found = find(layer, weight);
      return (
        found && {
          name: inModule(found.name, found.weight ?? weight),
          ...(found.isLinear === true && { isLinear: true }),
        }
      );
    };
  }
  if (typeof names === 'function') {
    return ({ layer, weight }) => {
      const name: unknown = (names as (weight: string) => unknown)(`${layer}/${weight}`);
      return name === undefined ? undefined : { name: checkName(action, name) };
    };
  }
  if (!isPlainObject(names)) {
    throw typeError(action, "names must be 'keras', 'torchvision', 'timm', names by layer or weight, or a function", 'names', names); // prettier-ignore
  }
  const own = new Map(Object.entries(names).map(([place, name]) => [place, checkName(action, name)]));
  const places = new Set(placed.flatMap(({ layer, weight }) => [layer, `${layer}/${weight}`]));
  const unknown = [...own.keys()].filter((place) => !places.has(place));
  if (unknown.length > 0) {
    throw rangeError(action, 'names must be of layers with weights, or of weights of the model', 'names', unknown);
  }
  return ({ layer, weight }) => {
    const exact = own.get(`${layer}/${weight}`);
    if (exact !== undefined) return { name: exact };
    const module = own.get(layer);
    return module === undefined ? undefined : { name: inModule(module, weight) };
  };
}

function modulesOf(
  action: Action,
  model: tf.LayersModel,
  placed: readonly PlacedWeight[],
  library: TorchLibrary,
): FindModule {
  const layers = new Set([...model.layers.map(({ name }) => name), ...placed.map(({ layer }) => layer)]);
  const find = findModules(library, layers);
  if (find !== undefined) return find;
  const known = networksOf(library).join(', ');
  throw rangeError(action, `its names are known for ${known}; for other models, pass yours`, 'names', library);
}

function checkName(action: Action, name: unknown): string {
  if (typeof name === 'string' && name !== '') return name;
  throw typeError(action, 'each name must be a text that is not empty', 'names', name);
}
