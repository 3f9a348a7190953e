/** Finds the tensor of a file for each weight of a model, by layer and weight name, and says what does not fit. */
import { CorruptFileError, show } from '../errors.js';
import { READABLE_TYPES, type StoredArray } from './hdf5.js';
import { automaticNumber, type ModelLayer, type ModelWeight } from './model_layers.js';
import type { StoredLayer, StoredTensor } from './stored_layers.js';

/** What of a file and a model does not fit, each with layer, weight and shape. */
export interface KerasMismatch {
  /** Weights of the model that the file does not have. */
  readonly missing: readonly string[];
  /** Tensors of the file that the model has no weight for. */
  readonly unknown: readonly string[];
  /** Weights whose tensor has another shape, or a type that is not float32 or float64. */
  readonly misshapen: readonly string[];
}

/** A file whose tensors are not those of the model. */
export class KerasWeightsError extends Error {
  override readonly name = 'KerasWeightsError';
  readonly mismatch: KerasMismatch;

  constructor(action: string, mismatch: KerasMismatch, file: string) {
    const { message } = new CorruptFileError(action, "the file must hold the model's weights and no others", file);
    const lines = (['missing', 'unknown', 'misshapen'] as const).flatMap((kind) =>
      mismatch[kind].map((entry) => `  ${kind}: ${entry}`),
    );
    super([message, ...lines].join('\n'));
    this.mismatch = mismatch;
  }
}

/** A weight and the tensor that becomes its value. */
export interface Pair {
  readonly variable: ModelWeight['variable'];
  readonly array: StoredArray;
}

export interface Match {
  readonly pairs: readonly Pair[];
  readonly mismatch: KerasMismatch;
}

export function matchWeights(layers: readonly ModelLayer[], stored: StoredLayer): Match {
  const matcher = new Matcher();
  matcher.layers(layers, stored.children ?? [], '');
  matcher.strangers([...stored.tensors, ...(stored.foreign ?? [])]);
  return matcher;
}

class Matcher implements Match {
  readonly pairs: Pair[] = [];
  readonly mismatch = { missing: [] as string[], unknown: [] as string[], misshapen: [] as string[] };

  layers(layers: readonly ModelLayer[], stored: readonly StoredLayer[], path: string): void {
    const present = stored.filter(holdsTensors);
    const found = findLayers(layers.filter(hasWeights), present);
    for (const layer of layers.filter(hasWeights)) {
      const match = found.get(layer);
      if (match === undefined) this.lack(layer, path);
      else this.layer(layer, match, path);
    }
    const taken = new Set(found.values());
    for (const layer of present.filter((each) => !taken.has(each))) this.strangers(allTensors(layer));
  }

  strangers(tensors: readonly StoredTensor[]): void {
    this.mismatch.unknown.push(...tensors.map(({ label, array }) => `${label} ${show(array.shape)}`));
  }

  private layer(layer: ModelLayer, stored: StoredLayer, path: string): void {
    this.strangers(stored.foreign ?? []);
    const { children } = layer;
    if (children === undefined) {
      this.weights(layer, stored.tensors, path);
      this.strangers((stored.children ?? []).flatMap(allTensors));
    } else if (stored.children !== undefined) {
      this.layers(children, stored.children, `${path}${layer.name}/`);
      this.strangers(stored.tensors);
    } else {
      this.layers(leaves(children), byOwner(stored.tensors), `${path}${layer.name}/`);
    }
  }

  private weights(layer: ModelLayer, tensors: readonly StoredTensor[], path: string): void {
    const { weights } = layer;
    const isOrdered = tensors.every(({ name }) => name === undefined);
    // Order alone cannot tell which of them is missing.
    const usable = isOrdered && tensors.length !== weights.length ? [] : tensors;
    const taken = new Set<StoredTensor>();
    weights.forEach((weight, index) => {
      const tensor = isOrdered ? usable[index] : usable.find(({ name }) => isNamed(name, weight, layer));
      if (tensor === undefined || taken.has(tensor)) this.lackWeight(layer, weight, path);
      else {
        taken.add(tensor);
        this.pair(`${path}${layer.name}/${weight.name}`, weight, tensor.array);
      }
    });
    this.strangers(tensors.filter((tensor) => !taken.has(tensor)));
  }

  private pair(label: string, { variable }: ModelWeight, array: StoredArray): void {
    const { shape, dtype } = array;
    if (show(shape) !== show(variable.shape)) {
      this.mismatch.misshapen.push(`${label} is ${show(shape)} in the file and must be ${show(variable.shape)}`);
    } else if (!READABLE_TYPES.includes(dtype)) {
      this.mismatch.misshapen.push(`${label} is of type ${dtype} in the file and must be float32 or float64`);
    } else this.pairs.push({ variable, array });
  }

  private lack(layer: ModelLayer, path: string): void {
    for (const weight of layer.weights) this.lackWeight(layer, weight, path);
    for (const child of layer.children ?? []) this.lack(child, `${path}${layer.name}/`);
  }

  private lackWeight(layer: ModelLayer, { name, variable }: ModelWeight, path: string): void {
    this.mismatch.missing.push(`${path}${layer.name}/${name} ${show(variable.shape)}`);
  }
}

/** Whether that is what Keras calls a weight; Keras 3 calls the kernel of a depthwise convolution `kernel`. */
function isNamed(name: string | undefined, weight: ModelWeight, { weights }: ModelLayer): boolean {
  if (name === weight.name) return true;
  return (
    name === 'kernel' &&
    weight.name === 'depthwise_kernel' &&
    !weights.some((each) => each.name.endsWith('pointwise_kernel'))
  );
}

/**
 * The layer of the file for each of the model: the one of its name, in the spelling of any Keras. Default names
 * (`conv2d_7`) depend on what was made before the model, so where both have equally many of a kind, these go by their
 * numbers' order.
 */
function findLayers(layers: readonly ModelLayer[], stored: readonly StoredLayer[]): Map<ModelLayer, StoredLayer> {
  const exact = new Map(stored.map((layer) => [layer.name, layer]));
  const ours = new Set(layers.map(({ name }) => name));
  const others = stored.filter(({ name }) => !ours.has(name));
  const respelled = new Map(others.map((layer) => [respell(layer.name), layer]));
  const found = new Map<ModelLayer, StoredLayer>();
  for (const layer of layers) {
    const match = exact.get(layer.name) ?? respelled.get(layer.name);
    if (match !== undefined) found.set(layer, match);
  }
  const automatic = layers.flatMap((layer) => (layer.automatic ? [{ layer, ...layer.automatic }] : []));
  for (const base of new Set(automatic.map((each) => each.base))) {
    const same = automatic.filter((each) => each.base === base);
    // Where several classes here are one in Keras, its numbers do not tell which of them is which.
    const isOwn = (word: string): boolean =>
      automatic.every((each) => each.base === base || !each.bases.includes(word));
    const words = same[0]!.bases.filter((word) => word === base || isOwn(word));
    const theirs = words.map((word) => numbered(stored, word)).find((each) => each.length > 0);
    if (theirs?.length !== same.length) continue;
    sortByNumber(same).forEach(({ layer }, index) => found.set(layer, theirs[index]!.layer));
  }
  return found;
}

/** MobileNetV3 of Keras 2 as Keras 3 spells it, which forbids slashes: `Conv/BatchNorm` → `conv_bn`. */
function respell(name: string): string {
  return name.toLowerCase().replaceAll('/', '_').replaceAll('batchnorm', 'bn');
}

/** The layers whose names are default ones on the base, in order. */
function numbered(stored: readonly StoredLayer[], base: string): { layer: StoredLayer; number: number }[] {
  const found = stored.flatMap((layer) => {
    const number = automaticNumber(layer.name, base);
    return number === undefined ? [] : [{ layer, number }];
  });
  return sortByNumber(found);
}

function sortByNumber<T extends { readonly number: number }>(layers: readonly T[]): T[] {
  return [...layers].sort((a, b) => a.number - b.number);
}

function hasWeights({ weights, children = [] }: ModelLayer): boolean {
  return weights.length > 0 || children.some(hasWeights);
}

function holdsTensors({ tensors, foreign = [], children = [] }: StoredLayer): boolean {
  return tensors.length > 0 || foreign.length > 0 || children.some(holdsTensors);
}

function allTensors({ tensors, foreign = [], children = [] }: StoredLayer): StoredTensor[] {
  return [...tensors, ...foreign, ...children.flatMap(allTensors)];
}

/** The layers with weights, those of models inside included. */
function leaves(layers: readonly ModelLayer[]): ModelLayer[] {
  return layers.flatMap((layer) => (layer.children === undefined ? [layer] : leaves(layer.children)));
}

/** Layers out of the tensors of a model that lie in one group. */
function byOwner(tensors: readonly StoredTensor[]): StoredLayer[] {
  const owners = new Map<string, StoredTensor[]>();
  for (const tensor of tensors) {
    const owner = tensor.owner ?? '';
    owners.set(owner, [...(owners.get(owner) ?? []), tensor]);
  }
  return [...owners].map(([name, own]) => ({ name, tensors: own }));
}
