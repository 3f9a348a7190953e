/** Finds the tensor of a file for each weight of a model, by layer and weight name, and says what does not fit. */
import { CorruptFileError, show } from '../errors.js';
import { READABLE_TYPES } from './hdf5.js';
import type { StoredArray } from './hdf5_contents.js';
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

/** A file whose tensors are not those of the model. Its message has the first of them, `mismatch` has all. */
export class KerasWeightsError extends Error {
  override readonly name = 'KerasWeightsError';
  readonly mismatch: KerasMismatch;

  constructor(action: string, { mismatch, reason }: Match, file: string) {
    const kinds = (['missing', 'unknown', 'misshapen'] as const).filter((kind) => mismatch[kind].length > 0);
    const found = kinds.map((kind) => `${mismatch[kind].length} ${kind}: ${excerpt(mismatch[kind])}`);
    const details = [...(reason === undefined ? [] : [reason]), ...found].join('; ');
    const rule = `the file must hold the model's weights and no others (${clip(details, MAX_DETAILS)})`;
    super(new CorruptFileError(action, rule, file).message);
    this.mismatch = mismatch;
  }
}

const MAX_ENTRIES = 2;
const MAX_LENGTH = 90;
const MAX_DETAILS = 400;

/** The first of the entries; the error itself has all. */
function excerpt(entries: readonly string[]): string {
  const shown = entries.slice(0, MAX_ENTRIES).map((entry) => clip(entry, MAX_LENGTH));
  return [...shown, ...(entries.length > MAX_ENTRIES ? ['…'] : [])].join(', ');
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** A weight and the tensor that becomes its value. */
export interface Pair {
  readonly variable: ModelWeight['variable'];
  readonly array: StoredArray;
}

export interface Match {
  readonly pairs: readonly Pair[];
  readonly mismatch: KerasMismatch;
  /** Why layers without a name of their own could not be told apart. */
  readonly reason?: string | undefined;
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
  reason: string | undefined;

  layers(layers: readonly ModelLayer[], stored: readonly StoredLayer[], path: string): void {
    const present = stored.filter(holdsTensors);
    const found = findLayers(layers.filter(hasWeights), present, (reason) => (this.reason ??= reason));
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
    const { children, parts } = layer;
    if (parts !== undefined) this.parts(layer, parts, stored, path);
    else if (children === undefined) {
      this.strangers([...(stored.parts?.values() ?? [])].flatMap(allTensors));
      this.weights(layer, stored.tensors, path);
      this.strangers((stored.children ?? []).flatMap(allTensors));
    } else if (stored.children !== undefined) {
      this.layers(children, stored.children, `${path}${layer.name}/`);
      this.strangers(stored.tensors);
    } else {
      this.layers(leaves(children), byOwner(stored), `${path}${layer.name}/`);
    }
  }

  /** The weights of layers inside a layer, by attribute, or where the file has but a list of tensors by their order. */
  private parts(layer: ModelLayer, parts: ReadonlyMap<string, ModelLayer>, stored: StoredLayer, path: string): void {
    if (stored.parts !== undefined) {
      const there = new Map(stored.parts);
      for (const [key, part] of parts) {
        const match = there.get(key);
        if (match === undefined) this.lack(part, `${path}${layer.name}/`);
        else this.layer(part, match, `${path}${layer.name}/`);
        there.delete(key);
      }
      this.strangers([...stored.tensors, ...[...there.values()].flatMap(allTensors)]);
      return;
    }
    const inside = leaves([...parts.values()]).flatMap((each) => each.weights.map((weight) => ({ each, weight })));
    const isSame =
      inside.length === stored.tensors.length &&
      inside.every(({ each, weight }, index) => isNamed(stored.tensors[index]!.name, weight, each));
    if (isSame) {
      inside.forEach(({ each, weight }, index) => {
        this.pair(`${path}${layer.name}/${each.name}/${weight.name}`, weight, stored.tensors[index]!.array);
      });
    } else {
      this.lack(layer, path);
      this.strangers(stored.tensors);
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
    for (const child of [...(layer.children ?? []), ...(layer.parts?.values() ?? [])])
      this.lack(child, `${path}${layer.name}/`);
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
 * (`conv2d_7`) say only how many were made before, in this process or another, so where model and file have equally many
 * of a class, these go by their place in the model, as Keras loads all of its files.
 */
function findLayers(
  layers: readonly ModelLayer[],
  stored: readonly StoredLayer[],
  explain: (reason: string) => void,
): Map<ModelLayer, StoredLayer> {
  const byKey = new Map(stored.filter(({ isNamedByKey }) => isNamedByKey).map((layer) => [layer.name, layer]));
  const exact = new Map(stored.map((layer) => [layer.name, layer]));
  const ours = new Set(layers.map(({ name }) => name));
  const others = stored.filter(({ name }) => !ours.has(name));
  const respelled = new Map(others.map((layer) => [respell(layer.name), layer]));
  const found = new Map<ModelLayer, StoredLayer>();
  for (const layer of layers) {
    const named = exact.get(layer.name) ?? respelled.get(layer.name);
    const match = byKey.get(layer.name) ?? (layer.automatic ? undefined : named);
    if (match !== undefined) found.set(layer, match);
  }
  const automatic = layers.flatMap((layer) =>
    layer.automatic && !found.has(layer) ? [{ layer, ...layer.automatic }] : [],
  );
  for (const kind of new Set(automatic.map((each) => each.kind))) {
    const same = automatic.filter((each) => each.kind === kind);
    const words = [...new Set(same.flatMap(({ bases }) => bases))];
    const taken = new Set(found.values());
    const theirs = stored.filter((layer) => {
      const isOfKind = layer.kind === undefined || layer.kind === kind;
      return isOfKind && !taken.has(layer) && words.some((word) => automaticNumber(layer.name, word) !== undefined);
    });
    const reason = whyNotByPlace(kind, same.length, theirs, words);
    if (reason === undefined) same.forEach(({ layer }, index) => found.set(layer, theirs[index]!));
    else if (theirs.length > 0) explain(reason);
  }
  return found;
}

function whyNotByPlace(
  kind: string,
  count: number,
  theirs: readonly StoredLayer[],
  words: readonly string[],
): string | undefined {
  if (theirs.length !== count) {
    return `layers without a name of their own go by their place: the model has ${count} of '${kind}', the file ${theirs.length}`;
  }
  // What lies in one group without an order stands as Keras lists weights: frozen layers behind the others.
  const numbers = theirs.map(({ name }) => Math.max(...words.map((word) => automaticNumber(name, word) ?? -1)));
  const isInOrder = numbers.every((number, index) => index === 0 || numbers[index - 1]! < number);
  if (isInOrder || theirs.every(({ isUnordered }) => isUnordered !== true)) return undefined;
  return `the file does not tell the order of the '${kind}' layers inside a model; a .keras or .weights.h5 file does`;
}

/** MobileNetV3 of Keras 2 as Keras 3 spells it, which forbids slashes: `Conv/BatchNorm` → `conv_bn`. */
function respell(name: string): string {
  return name.toLowerCase().replaceAll('/', '_').replaceAll('batchnorm', 'bn');
}

function hasWeights({ weights, children = [], parts }: ModelLayer): boolean {
  return weights.length > 0 || [...children, ...(parts?.values() ?? [])].some(hasWeights);
}

function holdsTensors(layer: StoredLayer): boolean {
  return allTensors(layer).length > 0;
}

function allTensors({ tensors, foreign = [], children = [], parts }: StoredLayer): StoredTensor[] {
  return [...tensors, ...foreign, ...[...children, ...(parts?.values() ?? [])].flatMap(allTensors)];
}

/** The layers with weights of their own, those of models and layers inside included. */
function leaves(layers: readonly ModelLayer[]): ModelLayer[] {
  return layers.flatMap((layer) => {
    if (layer.children === undefined && layer.parts === undefined) return [layer];
    return leaves([...(layer.children ?? []), ...(layer.parts?.values() ?? [])]);
  });
}

/** Layers out of the tensors of a model that lie in one group. */
function byOwner({ tensors, order }: StoredLayer): StoredLayer[] {
  const owners = new Map<string, StoredTensor[]>();
  for (const tensor of tensors) {
    const owner = tensor.owner ?? '';
    owners.set(owner, [...(owners.get(owner) ?? []), tensor]);
  }
  const layers = [...owners].map(([name, own]) => ({ name, tensors: own, isUnordered: order === undefined }));
  if (order === undefined) return layers;
  const places = new Map(order.map((name, index) => [name, index]));
  return layers.sort((a, b) => (places.get(a.name) ?? Infinity) - (places.get(b.name) ?? Infinity));
}
