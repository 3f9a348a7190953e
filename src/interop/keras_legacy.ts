/**
 * The layout of Keras 1 and 2, which Keras 3 writes too (`.h5`): a group for each layer, named by it, with the attribute
 * `weight_names`; the names of the groups are in the attribute `layer_names`. A file of a whole model has all of that in
 * `model_weights`. The tensors of a model inside lie in the one group of that model.
 */
import type { StoredGroup } from './hdf5_contents.js';
import type { StoredLayer, StoredTensor } from './stored_layers.js';

/** The group with the layers, if this is the layout. */
export function legacyGroup(root: StoredGroup): StoredGroup | undefined {
  return [root, root.group('model_weights')].find((group) => group && names(group, 'layer_names') !== undefined);
}

/**
 * The layers in a file.
 *
 * @param config configuration of the model, where the file has it: the only place that tells the order inside of models
 */
export function readLegacy(group: StoredGroup, config: unknown): StoredLayer {
  const orders = new Map(layersIn(config).map((layer) => [nameOf(layer), leafNames(layer)]));
  const children = (names(group, 'layer_names') ?? []).map((name) => {
    const order = orders.get(name);
    return { name, tensors: readTensors(group, name), ...(order !== undefined && { order }) };
  });
  return { name: '', children, tensors: [], foreign: readTensors(group, 'top_level_model_weights') };
}

/** The configuration of a whole model in a file; undefined where there is none, or none that can be read. */
export function legacyConfig(root: StoredGroup): unknown {
  try {
    return JSON.parse(root.strings('model_config')?.[0] ?? 'null') as unknown;
  } catch {
    return undefined;
  }
}

function layersIn(config: unknown): readonly unknown[] {
  const own = (config as { readonly config?: unknown } | null | undefined)?.config;
  const layers: unknown = Array.isArray(own) ? own : (own as { readonly layers?: unknown } | null | undefined)?.layers;
  return Array.isArray(layers) ? (layers as unknown[]) : [];
}

function nameOf(layer: unknown): string {
  const { name, config } = (layer ?? {}) as { readonly name?: unknown; readonly config?: { readonly name?: unknown } };
  return String(name ?? config?.name);
}

/** The names of the layers in a model, those of models inside in their place. */
function leafNames(layer: unknown): string[] {
  return layersIn(layer).flatMap((inner) => (layersIn(inner).length > 0 ? leafNames(inner) : [nameOf(inner)]));
}

function readTensors(root: StoredGroup, name: string): StoredTensor[] {
  const group = root.group(name);
  return ((group && names(group, 'weight_names')) ?? []).flatMap((path) => {
    const array = group!.array(path);
    // `conv1/kernel:0`, and inside a model `block/conv1/kernel` or `conv1/kernel:0`.
    const [owner, weight] = path.replace(/:\d+$/, '').split('/').slice(-2);
    const tensor = weight === undefined ? { name: owner } : { owner: owner!, name: weight };
    return array ? [{ label: `${name}/${path}`, array, ...tensor }] : [];
  });
}

/** A list of names; a long one is stored in pieces, `layer_names0`, `layer_names1`, …. */
function names(group: StoredGroup, attribute: string): readonly string[] | undefined {
  const whole = group.strings(attribute);
  if (whole !== undefined) return whole;
  const pieces: string[] = [];
  for (let piece = 0; ; piece++) {
    const found = group.strings(`${attribute}${piece}`);
    if (found === undefined) return piece === 0 ? undefined : pieces;
    pieces.push(...found);
  }
}
