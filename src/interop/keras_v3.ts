/**
 * Layout of Keras 3 (`.weights.h5`, and `model.weights.h5` inside `.keras`): `layers/⟨key⟩/vars/0, 1, …`, where the key
 * consists of the class and a number, and the tensors are in the order in which the layer created them. Nested models have
 * `layers` of their own. Since Keras 3.6, `vars` has the name of the layer as an attribute; before, only the configuration
 * in a `.keras` file records names, and a `.weights.h5` file records nothing but the order.
 */
import type { Action } from '../errors.js';
import type { NewArray, NewGroup } from './hdf5.js';
import type { StoredGroup } from './hdf5_contents.js';
import { numberedName, snakeCase, type ModelLayer } from './model_layers.js';
import type { StoredLayer, StoredTensor } from './stored_layers.js';

/** Names of layers by key, including the layers of nested models. */
export type LayerNames = ReadonlyMap<string, LayerName>;

interface LayerName {
  readonly name: string;
  readonly inner?: LayerNames;
}

/** State that does not belong to the model itself. */
const FOREIGN_STATE = /^(optimizer|.*metrics?)$/;

/** State of a layer's random numbers. */
const RANDOM_STATE = 'seed_generator';

/** Groups in which releases of Keras have stored the layers. */
const CONTAINERS = ['layers', '_layer_checkpoint_dependencies'];

/** Finds the group with the layers of a model, if the file has this layout. */
export function layersGroup(root: StoredGroup): StoredGroup | undefined {
  return CONTAINERS.map((name) => root.group(name)).find((group) => group !== undefined);
}

/**
 * Reads the layers in a file.
 *
 * @param names names of layers by key, for files without names
 * @param isOfModel true if these are names from the model, false if they are from the configuration in the file
 */
export function readV3(root: StoredGroup, names: LayerNames, isOfModel: boolean): StoredLayer {
  return readLayer(root, '', { name: '', names, isOfModel });
}

interface Naming {
  readonly name: string;
  readonly names: LayerNames | undefined;
  readonly isOfModel: boolean;
}

function readLayer(group: StoredGroup, path: string, { name, names, isOfModel }: Naming): StoredLayer {
  const container = CONTAINERS.find((candidate) => group.names.includes(candidate));
  const layers = container === undefined ? undefined : group.group(container);
  const children = layers?.names
    .map(splitKey)
    .sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.number - b.number))
    .flatMap(({ key, kind }): StoredLayer[] => {
      const child = layers.group(key);
      if (child === undefined) return [];
      const known = names?.get(key);
      const written = child.group('vars')?.strings('name')?.[0];
      const naming = { name: written ?? known?.name ?? key, names: known?.inner, isOfModel };
      const isNamedByKey = isOfModel && written === undefined && known !== undefined;
      return [{ ...readLayer(child, `${path}${container!}/${key}/`, naming), kind, isNamedByKey }];
    });
  const isForeign = (child: string): boolean => path === '' && FOREIGN_STATE.test(child);
  const others = group.names.filter((child) => child !== 'vars' && child !== container && !isForeign(child));
  // At the top level, a model has no layers stored as attributes.
  const parts = path === '' ? [] : others.filter((child) => child !== RANDOM_STATE && group.group(child) !== undefined);
  const foreign = others.filter((child) => child !== RANDOM_STATE && !parts.includes(child));
  const inner = { name: '', names: undefined, isOfModel };
  return {
    name,
    ...(children !== undefined && { children }),
    tensors: readVariables(group.group('vars'), `${path}vars/`),
    parts: new Map(parts.map((child) => [child, readLayer(group.group(child)!, `${path}${child}/`, inner)])),
    foreign: foreign.flatMap((child) => allArrays(group, child, path)),
  };
}

/** Splits a key into the class and the position among the layers of this class. */
function splitKey(key: string): { readonly key: string; readonly kind: string; readonly number: number } {
  const [, kind = key, number = '0'] = /^(.+?)(?:_(\d+))?$/.exec(key) ?? [];
  return { key, kind, number: Number(number) };
}

/** Reads numbered tensors in order, then named ones. */
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

/** A layer in a configuration. */
export interface DescribedLayer {
  readonly className: string;
  readonly name: string;
  /** Layers of a nested model. */
  readonly layers?: readonly DescribedLayer[];
}

/** Finds the names of layers by key in the configuration of a `.keras` file. */
export function namesInConfig(config: unknown): LayerNames {
  return namesByKey(describeLayers(config));
}

function describeLayers(config: unknown): DescribedLayer[] {
  const { layers = [] } = (config as { config?: { layers?: unknown[] } } | null)?.config ?? {};
  return layers.map((layer) => {
    const { class_name: className, config: own } = layer as { class_name: string; config: { name: string } };
    return { className, name: own.name, layers: describeLayers(layer) };
  });
}

/** Finds the names of layers by key: the class, and the position among the layers of this class. */
export function namesByKey(layers: readonly DescribedLayer[]): LayerNames {
  const used = new Map<string, number>();
  return new Map(
    layers.map(({ className, name, layers: children = [] }) => {
      const inner = namesByKey(children);
      return [nextKey(used, className), { name, ...(inner.size > 0 && { inner }) }];
    }),
  );
}

function nextKey(used: Map<string, number>, className: string): string {
  const base = snakeCase(className);
  const number = used.get(base) ?? 0;
  used.set(base, number + 1);
  return numberedName(base, number);
}

/** Finds the names of layers by key in the model itself; correct for a file of the same architecture. */
export function namesInModel(layers: readonly ModelLayer[]): LayerNames {
  return new Map(
    layers.map(({ key, name, children }) => [key, { name, ...(children && { inner: namesInModel(children) }) }]),
  );
}

/** Reads the values of a weight. */
export type ReadWeight = (weight: ModelLayer['weights'][number]) => NewArray;

/** Describes the file of a model. */
export function newV3(action: Action, name: string, layers: readonly ModelLayer[], read: ReadWeight): NewGroup {
  const groups = layers.map((layer) => [layer.key, newLayer(action, layer, read)] as const);
  return { groups: { layers: { groups: Object.fromEntries(groups) }, vars: { attributes: { name } } } };
}

function newLayer(action: Action, saved: ModelLayer, read: ReadWeight): NewGroup {
  const { children, parts, weights, automatic } = saved;
  const name = automatic === undefined ? saved.name : numberedName(automatic.base, automatic.number);
  if (children !== undefined) return newV3(action, name, children, read);
  const arrays = Object.fromEntries(weights.map((weight, index) => [String(index), read(weight)]));
  const inner = [...(parts ?? [])].map(([key, part]) => [key, newLayer(action, part, read)] as const);
  return { groups: { ...Object.fromEntries(inner), vars: { attributes: { name }, arrays } } };
}
