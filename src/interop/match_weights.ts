/** Matches the tensors of a file to the weights of a model, by the names of layers and weights. */
import { CorruptFileError, show } from '../errors.js';
import { READABLE_TYPES, type StoredArray } from './hdf5_contents.js';
import { automaticNumber, type ModelLayer, type ModelWeight } from './model_layers.js';
import type { StoredLayer, StoredTensor } from './stored_layers.js';
import { matchRule, type WeightMismatch } from './weight_mismatch.js';

/** A file whose tensors do not match the model. The message lists the first differences, `mismatch` all of them. */
export class KerasWeightsError extends Error {
  override readonly name = 'KerasWeightsError';
  readonly mismatch: WeightMismatch;

  constructor(
    action: string,
    { mismatch, reason }: { readonly mismatch: WeightMismatch; readonly reason?: string | undefined },
    file: string,
  ) {
    super(new CorruptFileError(action, matchRule(mismatch, reason), file).message);
    this.mismatch = mismatch;
  }
}

/** A weight and the tensor to load into it. */
export interface Pair {
  readonly variable: ModelWeight['variable'];
  readonly array: StoredArray;
}

/** Weights of a model paired with tensors of a file, and those of either that are left. */
export interface Match {
  readonly pairs: readonly Pair[];
  readonly mismatch: WeightMismatch;
  /** Reason why layers with default names could not be matched. */
  readonly reason?: string | undefined;
}

/**
 * Matches the layers of a model to those of a file by name, or by order where Keras numbers default names. Older files whose
 * layers have mostly other names are matched by order, as Keras matches them: official weights were saved before some layers
 * of keras.applications got the names that they have.
 */
export function matchWeights(layers: readonly ModelLayer[], stored: StoredLayer): Match {
  const byOrder = stored.isInOrder === true ? matchInOrder(layers.filter(hasWeights), stored) : undefined;
  if (byOrder !== undefined) return byOrder;
  const matcher = new Matcher();
  matcher.matchLayers(layers, stored.children ?? [], '');
  matcher.addUnknown([...stored.tensors, ...(stored.foreign ?? [])]);
  return matcher;
}

/**
 * Matches all layers by order; undefined if the names of the file say otherwise, or weights differ in anything but those of
 * the last layer, which the file may lack.
 */
function matchInOrder(layers: readonly ModelLayer[], stored: StoredLayer): Match | undefined {
  const theirs = (stored.children ?? []).filter(holdsTensors);
  const last = layers.length - 1;
  if (last < 0 || (theirs.length !== layers.length && theirs.length !== last)) return undefined;
  const positions = new Map(theirs.map(({ name }, index) => [name, index]));
  const known = layers.filter(({ name }) => positions.has(name));
  const isOrdered = layers.every(({ name }, index) => (positions.get(name) ?? index) === index);
  const others = layers.filter(({ name }) => !positions.has(name));
  const isRenamed = known.length < layers.length / 2 || (others.length === 1 && others[0] === layers[last]);
  if (!isOrdered || !isRenamed) return undefined;
  const matcher = new Matcher();
  layers.forEach((layer, index) => {
    const match = theirs[index];
    if (match !== undefined) matcher.matchLayer(layer, match, '');
    else matcher.addMissing(layer, '');
  });
  const { missing, unknown, misshapen } = matcher.mismatch;
  const isOfLast = (entry: string): boolean => entry.startsWith(`${layers[last]!.name}/`);
  return unknown.length === 0 && [...missing, ...misshapen].every(isOfLast) ? matcher : undefined;
}

class Matcher implements Match {
  readonly pairs: Pair[] = [];
  readonly mismatch = { missing: [] as string[], unknown: [] as string[], misshapen: [] as string[] };
  reason: string | undefined;

  matchLayers(layers: readonly ModelLayer[], stored: readonly StoredLayer[], path: string): void {
    const present = stored.filter(holdsTensors);
    const found = findLayers(layers.filter(hasWeights), present, (reason) => (this.reason ??= reason));
    for (const layer of layers.filter(hasWeights)) {
      const match = found.get(layer);
      if (match === undefined) this.addMissing(layer, path);
      else this.matchLayer(layer, match, path);
    }
    const taken = new Set(found.values());
    for (const layer of present.filter((each) => !taken.has(each))) this.addUnknown(allTensors(layer));
  }

  addUnknown(tensors: readonly StoredTensor[]): void {
    this.mismatch.unknown.push(...tensors.map(({ label, array }) => `${label} ${show(array.shape)}`));
  }

  matchLayer(layer: ModelLayer, stored: StoredLayer, path: string): void {
    this.addUnknown(stored.foreign ?? []);
    const { children, parts } = layer;
    if (parts !== undefined) this.matchParts(layer, parts, stored, path);
    else if (children === undefined) {
      this.addUnknown([...(stored.parts?.values() ?? [])].flatMap(allTensors));
      this.matchWeights(layer, stored.tensors, path);
      this.addUnknown((stored.children ?? []).flatMap(allTensors));
    } else if (stored.children !== undefined) {
      this.matchLayers(children, stored.children, `${path}${layer.name}/`);
      this.addUnknown(stored.tensors);
    } else {
      this.matchLayers(leaves(children), byOwner(stored), `${path}${layer.name}/`);
    }
  }

  /** Matches the layers inside a layer by attribute, or by order if the file has only a list of tensors. */
  private matchParts(
    layer: ModelLayer,
    parts: ReadonlyMap<string, ModelLayer>,
    stored: StoredLayer,
    path: string,
  ): void {
    if (stored.parts !== undefined) {
      const unmatched = new Map(stored.parts);
      for (const [key, part] of parts) {
        const match = unmatched.get(key);
        if (match === undefined) this.addMissing(part, `${path}${layer.name}/`);
        else this.matchLayer(part, match, `${path}${layer.name}/`);
        unmatched.delete(key);
      }
      this.addUnknown([...stored.tensors, ...[...unmatched.values()].flatMap(allTensors)]);
      return;
    }
    const inside = leaves([...parts.values()]).flatMap((each) => each.weights.map((weight) => ({ each, weight })));
    const isSame =
      inside.length === stored.tensors.length &&
      inside.every(({ each, weight }, index) => isNamed(stored.tensors[index]!.name, weight, each));
    if (isSame) {
      inside.forEach(({ each, weight }, index) => {
        this.addPair(`${path}${layer.name}/${each.name}/${weight.name}`, weight, stored.tensors[index]!.array);
      });
    } else {
      this.addMissing(layer, path);
      this.addUnknown(stored.tensors);
    }
  }

  private matchWeights(layer: ModelLayer, tensors: readonly StoredTensor[], path: string): void {
    const { weights } = layer;
    const isOrdered = tensors.every(({ name }) => name === undefined);
    // If a tensor is missing, order alone cannot tell which one.
    const usable = isOrdered && tensors.length !== weights.length ? [] : tensors;
    const taken = new Set<StoredTensor>();
    weights.forEach((weight, index) => {
      const tensor = isOrdered ? usable[index] : usable.find(({ name }) => isNamed(name, weight, layer));
      if (tensor === undefined || taken.has(tensor)) this.addMissingWeight(layer, weight, path);
      else {
        taken.add(tensor);
        this.addPair(`${path}${layer.name}/${weight.name}`, weight, tensor.array);
      }
    });
    this.addUnknown(tensors.filter((tensor) => !taken.has(tensor)));
  }

  private addPair(label: string, { variable }: ModelWeight, array: StoredArray): void {
    const { shape, dtype } = array;
    if (show(shape) !== show(variable.shape)) {
      this.mismatch.misshapen.push(`${label} is ${show(shape)} in the file and must be ${show(variable.shape)}`);
    } else if (!READABLE_TYPES.includes(dtype)) {
      this.mismatch.misshapen.push(`${label} is of type ${dtype} in the file and must be float32 or float64`);
    } else this.pairs.push({ variable, array });
  }

  addMissing(layer: ModelLayer, path: string): void {
    for (const weight of layer.weights) this.addMissingWeight(layer, weight, path);
    for (const child of [...(layer.children ?? []), ...(layer.parts?.values() ?? [])]) {
      this.addMissing(child, `${path}${layer.name}/`);
    }
  }

  private addMissingWeight(layer: ModelLayer, { name, variable }: ModelWeight, path: string): void {
    this.mismatch.missing.push(`${path}${layer.name}/${name} ${show(variable.shape)}`);
  }
}

/** Tests for the name of a weight in Keras; Keras 3 calls the kernel of a depthwise convolution `kernel`. */
function isNamed(name: string | undefined, weight: ModelWeight, { weights }: ModelLayer): boolean {
  if (name === weight.name) return true;
  return (
    name === 'kernel' &&
    weight.name === 'depthwise_kernel' &&
    !weights.some((each) => each.name.endsWith('pointwise_kernel'))
  );
}

/**
 * Finds the layer in the file for each layer of the model: the one of the same name, in the spelling of any Keras version.
 * Default names (`conv2d_7`) depend only on how many layers were created before, in this process or another, so if model
 * and file have the same number of layers of a class, these are matched by position, as Keras matches all layers.
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
    const bases = [...new Set(same.flatMap((each) => each.bases))];
    const taken = new Set(found.values());
    const theirs = stored.filter((layer) => {
      const isOfKind = layer.kind === undefined || layer.kind === kind;
      return isOfKind && !taken.has(layer) && bases.some((base) => automaticNumber(layer.name, base) !== undefined);
    });
    const reason = whyNotByPosition(kind, same.length, theirs, bases);
    if (reason === undefined) same.forEach(({ layer }, index) => found.set(layer, theirs[index]!));
    else if (theirs.length > 0) explain(reason);
  }
  return found;
}

/** Reason why layers with default names cannot be matched by position; undefined if they can. */
function whyNotByPosition(
  kind: string,
  count: number,
  theirs: readonly StoredLayer[],
  bases: readonly string[],
): string | undefined {
  if (theirs.length !== count) {
    return `layers with default names are matched by position: the model has ${count} of '${kind}', the file ${theirs.length}`;
  }
  // Tensors of a nested model without a recorded order are in the order of Keras's weights: frozen layers come last.
  const numbers = theirs.map(({ name }) => Math.max(...bases.map((base) => automaticNumber(name, base) ?? -1)));
  const isInOrder = numbers.every((number, index) => index === 0 || numbers[index - 1]! < number);
  if (isInOrder || theirs.every(({ isUnordered }) => isUnordered !== true)) return undefined;
  return `the file does not record the order of the '${kind}' layers in a nested model; a .keras or .weights.h5 file does`;
}

/** Respells names of MobileNetV3 in Keras 2 as in Keras 3, which forbids slashes: `Conv/BatchNorm` → `conv_bn`. */
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

/** Lists the layers with weights of their own, including those of nested models and layers. */
function leaves(layers: readonly ModelLayer[]): ModelLayer[] {
  return layers.flatMap((layer) => {
    if (layer.children === undefined && layer.parts === undefined) return [layer];
    return leaves([...(layer.children ?? []), ...(layer.parts?.values() ?? [])]);
  });
}

/** Groups the tensors of a nested model by layer. */
function byOwner({ tensors, order }: StoredLayer): StoredLayer[] {
  const owners = new Map<string, StoredTensor[]>();
  for (const tensor of tensors) {
    const owner = tensor.owner ?? '';
    owners.set(owner, [...(owners.get(owner) ?? []), tensor]);
  }
  const layers = [...owners].map(([name, own]) => ({ name, tensors: own, isUnordered: order === undefined }));
  if (order === undefined) return layers;
  const positions = new Map(order.map((name, index) => [name, index]));
  return layers.sort((a, b) => (positions.get(a.name) ?? Infinity) - (positions.get(b.name) ?? Infinity));
}
