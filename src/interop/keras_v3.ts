/**
 * The layout of Keras 3 (`.weights.h5`, and `model.weights.h5` inside `.keras`): `layers/⟨key⟩/vars/0, 1, …`, the key made
 * of the class and a number, the tensors in the order in which the layer made them. Models inside have `layers` of their
 * own. Since Keras 3.6 `vars` has the layer's name as an attribute; before, only the configuration in a `.keras` file
 * tells names, and a `.weights.h5` file has the order alone.
 */
import { rangeError, type Action } from '../errors.js';
import type { NewArray, NewGroup, StoredGroup } from './hdf5.js';
import { numberedName, snakeCase, type ModelLayer } from './model_layers.js';
import type { StoredLayer, StoredTensor } from './stored_layers.js';

/** Names of layers by their keys; of a model inside also those of its layers. */
export type LayerNames = ReadonlyMap<string, LayerName>;

interface LayerName {
  readonly name: string;
  readonly inner?: LayerNames;
}

/** State beside the model's own. */
const FOREIGN_STATE = /^(optimizer|.*metrics?)$/;

/** Where releases of Keras have put the layers. */
const CONTAINERS = ['layers', '_layer_checkpoint_dependencies'];

/** The group with a model's layers, if this is Keras 3's layout. */
export function layersGroup(root: StoredGroup): StoredGroup | undefined {
  return CONTAINERS.map((name) => root.group(name)).find((group) => group !== undefined);
}

/** The layers in a file, with names from the file itself, or else those that `names` has for their keys. */
export function readV3(root: StoredGroup, names: LayerNames): StoredLayer {
  return readLayer(root, '', '', names);
}

function readLayer(group: StoredGroup, path: string, name: string, names: LayerNames | undefined): StoredLayer {
  const container = CONTAINERS.find((candidate) => group.names.includes(candidate));
  const layers = container === undefined ? undefined : group.group(container);
  const children = layers?.names.flatMap((key) => {
    const child = layers.group(key);
    const known = names?.get(key);
    const own = child?.group('vars')?.strings('name')?.[0] ?? known?.name ?? key;
    return child ? [readLayer(child, `${path}${container!}/${key}/`, own, known?.inner)] : [];
  });
  const isForeign = (child: string): boolean => path === '' && FOREIGN_STATE.test(child);
  const others = group.names.filter((child) => child !== 'vars' && child !== container && !isForeign(child));
  return {
    name,
    ...(children !== undefined && { children }),
    tensors: readVariables(group.group('vars'), `${path}vars/`),
    foreign: others.flatMap((child) => allArrays(group, child, path)),
  };
}

/** Numbered tensors in their order, then named ones. */
function readVariables(vars: StoredGroup | undefined, path: string): StoredTensor[] {
  if (vars === undefined) return [];
  const ordered = [...vars.names].sort((a, b) => Number(a) - Number(b));
  return ordered.flatMap((key) => {
    const array = vars.array(key);
    return array ? [{ label: `${path}${key}`, name: /^\d+$/.test(key) ? undefined : key, array }] : [];
  });
}

function allArrays(group: StoredGroup, name: string, path: string): StoredTensor[] {
  const array = group.array(name);
  if (array !== undefined) return [{ label: `${path}${name}`, name, array }];
  const inner = group.group(name);
  return (inner?.names ?? []).flatMap((child) => allArrays(inner!, child, `${path}${name}/`));
}

/** The names that a `.keras` file's configuration has for the keys of its weights. */
export function namesInConfig(config: unknown): LayerNames {
  const { layers = [] } = (config as { config?: { layers?: unknown[] } } | null)?.config ?? {};
  const used = new Map<string, number>();
  return new Map(
    layers.map((layer) => {
      const { class_name: className, config: own } = layer as { class_name: string; config: { name: string } };
      const inner = namesInConfig(layer);
      return [nextKey(used, className), { name: own.name, ...(inner.size > 0 && { inner }) }];
    }),
  );
}

function nextKey(used: Map<string, number>, className: string): string {
  const base = snakeCase(className);
  const number = used.get(base) ?? 0;
  used.set(base, number + 1);
  return numberedName(base, number);
}

/** The names that the model's own layers have for the keys: right for a file of the same architecture. */
export function namesInModel(layers: readonly ModelLayer[]): LayerNames {
  return new Map(
    layers.map(({ key, name, children }) => [key, { name, ...(children && { inner: namesInModel(children) }) }]),
  );
}

/** Values of the weights, to be written. */
export type ReadWeight = (weight: ModelLayer['weights'][number]) => NewArray;

/** The file for a model. */
export function newV3(action: Action, name: string, layers: readonly ModelLayer[], read: ReadWeight): NewGroup {
  const groups = layers.map((layer) => [layer.key, newLayer(action, layer, read)] as const);
  return { groups: { layers: { groups: Object.fromEntries(groups) }, vars: { attributes: { name } } } };
}

function newLayer(action: Action, saved: ModelLayer, read: ReadWeight): NewGroup {
  const { children, weights, layer, automatic } = saved;
  const name = automatic === undefined ? saved.name : numberedName(automatic.base, automatic.number);
  if (children !== undefined) return newV3(action, name, children, read);
  if (['cell', 'layer', 'forwardLayer'].some((part) => part in layer)) {
    throw rangeError(action, 'layers must not hold layers, as recurrent ones and wrappers do', 'layer', name);
  }
  const arrays = Object.fromEntries(weights.map((weight, index) => [String(index), read(weight)]));
  return { groups: { vars: { attributes: { name }, arrays } } };
}
