/**
 * The layout of Keras 1 and 2, which Keras 3 writes too (`.h5`): a group for each layer, named by it, with the attribute
 * `weight_names`; the names of the groups are in the attribute `layer_names`. A file of a whole model has all of that in
 * `model_weights`. The tensors of a model inside lie in the one group of that model.
 */
import type { StoredGroup } from './hdf5.js';
import type { StoredLayer, StoredTensor } from './stored_layers.js';

/** The group with the layers, if this is the layout. */
export function legacyGroup(root: StoredGroup): StoredGroup | undefined {
  return [root, root.group('model_weights')].find((group) => group && names(group, 'layer_names') !== undefined);
}

export function readLegacy(group: StoredGroup): StoredLayer {
  const children = (names(group, 'layer_names') ?? []).map((name) => ({ name, tensors: readTensors(group, name) }));
  return { name: '', children, tensors: [], foreign: readTensors(group, 'top_level_model_weights') };
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
