/**
 * Layout of Keras 1 and 2, which Keras 3 can write too (`.h5`): one group per layer, named after the layer, with the
 * attribute `weight_names`; the attribute `layer_names` lists the groups. In a file of a whole model all of this is inside
 * the group `model_weights`. The tensors of a nested model are all in the single group of that model.
 */
import type { StoredGroup } from './hdf5_contents.js';
import type { StoredLayer, StoredTensor } from './stored_layers.js';

/** Finds the group with the layers, if the file has this layout. */
export function legacyGroup(root: StoredGroup): StoredGroup | undefined {
  return [root, root.group('model_weights')].find((group) => group && names(group, 'layer_names') !== undefined);
}

/**
 * Reads the layers in a file.
 *
 * @param config configuration of the model, if the file has one: the only record of the order of layers in nested models
 */
export function readLegacy(group: StoredGroup, config: unknown): StoredLayer {
  const orders = new Map(layersIn(config).map((layer) => [nameOf(layer), leafNames(layer)]));
  const children = (names(group, 'layer_names') ?? []).map((name) => {
    const order = orders.get(name);
    return { name, tensors: readTensors(group, name), ...(order !== undefined && { order }) };
  });
  return { name: '', isInOrder: true, children, tensors: [], foreign: readTensors(group, 'top_level_model_weights') };
}

/** Reads the configuration of a whole model; undefined if the file has none or it is not readable. */
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

/** Lists the names of the layers in a model, with nested models replaced by their layers. */
function leafNames(layer: unknown): string[] {
  return layersIn(layer).flatMap((inner) => (layersIn(inner).length > 0 ? leafNames(inner) : [nameOf(inner)]));
}

function readTensors(root: StoredGroup, name: string): StoredTensor[] {
  const group = root.group(name);
  return ((group && names(group, 'weight_names')) ?? []).flatMap((path) => {
    const array = group!.array(path);
    // `conv1/kernel:0`; in a nested model `block/conv1/kernel` or `conv1/kernel:0`.
    const [owner, weight] = path.replace(/:\d+$/, '').split('/').slice(-2);
    const tensor = weight === undefined ? { name: owner } : { owner: owner!, name: weight };
    return array ? [{ label: `${name}/${path}`, array, ...tensor }] : [];
  });
}

/** Reads a list of names; a long list is stored in pieces: `layer_names0`, `layer_names1`, …. */
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
