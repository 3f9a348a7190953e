/**
 * Checks the graph in a `model.json` before the host builds it. The host would search for a missing layer in an endless
 * loop, and prints whole topologies in its errors.
 *
 * Formats: the `modelTopology` of TensorFlow.js and its converter, from Keras 1 and 2 (`inbound_nodes` as nested lists).
 * Keys are spelled in snake_case or camelCase.
 */
import * as tf from '@tensorflow/tfjs';

/** An object in the topology whose fields have not been checked. */
type Fields = Readonly<Record<string, unknown>>;

/** A rule that a topology breaks, worded for "Cannot load the model: ⟨rule⟩". */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
}

/** [layer, node, tensor]: one output of one call of a layer. */
interface TensorReference {
  readonly layer: string;
  readonly node: number;
}

interface GraphLayer {
  readonly name: string;
  /** Number of outputs before any call in this graph: 1 for an input layer or a nested model, which has its own inputs. */
  readonly ownNodes: number;
  /** Inputs of each call. */
  readonly calls: readonly (readonly TensorReference[])[];
}

/**
 * Checks a model and its nested models.
 *
 * @param topology `modelTopology` of a model.json
 * @throws TopologyError if a class is unknown, a name is used twice, or an input of a layer is never computed
 */
export function checkTopology(topology: unknown): void {
  const outer = fieldsOf(topology, 'modelTopology');
  if (Array.isArray(outer['node'])) {
    throw new TopologyError('it must be a layers model; this is a graph model, which tf.loadGraphModel() loads');
  }
  const model = outer['model_config'] ?? outer;
  const { className, config } = checkClass(model, 'the model', tf.LayersModel);
  checkModel(className, config, 'the model');
}

function checkModel(className: string, config: unknown, who: string): void {
  const fields = Array.isArray(config) ? { layers: config } : fieldsOf(config, `the configuration of ${who}`);
  const layers = listOf(read(fields, 'layers'), `the layers of ${who}`);
  if (className === 'Sequential') layers.forEach((layer, index) => void checkLayer(layer, `layer ${index} of ${who}`));
  else checkGraph(fields, layers, who);
}

/** Checks the class and the configuration of a layer, and of models and layers nested in it. */
function checkLayer(layer: unknown, who: string): { readonly isModel: boolean; readonly config: Fields } {
  const { className, config, isModel } = checkClass(layer, who, tf.layers.Layer);
  if (isModel) checkModel(className, config, who);
  const fields = (Array.isArray(config) ? {} : config) as Fields;
  // Wrappers such as TimeDistributed contain another layer.
  if (fields['layer'] !== undefined) checkLayer(fields['layer'], `the layer inside ${who}`);
  return { isModel, config: fields };
}

function checkGraph(config: Fields, list: readonly unknown[], who: string): void {
  const layers = new Map<string, GraphLayer>();
  list.forEach((entry, index) => {
    const layer = checkGraphLayer(entry, `layer ${index} of ${who}`);
    if (layers.has(layer.name)) {
      throw new TopologyError(`every layer must have a unique name ('${layer.name}' is used twice)`);
    }
    layers.set(layer.name, layer);
  });
  const nodes = countNodes(layers);
  for (const [snake, what] of [
    ['input_layers', 'inputs'],
    ['output_layers', 'outputs'],
  ] as const) {
    const references = listOf(read(config, snake), `the ${what} of ${who}`);
    if (references.length === 0) throw new TopologyError(`${who} must have ${what}`);
    for (const reference of references) {
      const { layer, node } = referenceOf(reference, `the ${what} of ${who}`);
      const count = nodes.get(layer);
      if (count === undefined) throw new TopologyError(`the ${what} of ${who} must be of its layers ('${layer}')`);
      if (node >= count) throw new TopologyError(`the ${what} of ${who} must exist ('${layer}' has no output ${node})`);
    }
  }
}

function checkGraphLayer(entry: unknown, who: string): GraphLayer {
  const fields = fieldsOf(entry, who);
  const { name } = fields;
  if (typeof name !== 'string' || name === '') throw new TopologyError(`${who} must have a name`);
  const { isModel, config } = checkLayer(entry, `layer '${name}'`);
  if (config['name'] !== undefined && config['name'] !== name) {
    throw new TopologyError(`layer '${name}' must have the same name in its configuration`);
  }
  const calls = listOf(read(fields, 'inbound_nodes'), `the inputs of layer '${name}'`).map((call) => {
    if (!Array.isArray(call)) {
      throw new TopologyError(
        `the inputs of layer '${name}' must be lists, as Keras 1 and 2 and TensorFlow.js write them (Keras 3 does not)`,
      );
    }
    return call.map((reference: unknown) => referenceOf(reference, `the inputs of layer '${name}'`));
  });
  const hasOwn = isModel || read(fields, 'class_name') === 'InputLayer';
  return { name, ownNodes: hasOwn ? 1 : 0, calls };
}

/** Counts the outputs of each layer after all calls, made in the host's order: as soon as their inputs exist. */
function countNodes(layers: ReadonlyMap<string, GraphLayer>): ReadonlyMap<string, number> {
  const nodes = new Map([...layers.values()].map(({ name, ownNodes }) => [name, ownNodes]));
  let waiting = [...layers.values()].flatMap(({ name, calls }) => calls.map((inputs) => ({ name, inputs })));
  while (waiting.length > 0) {
    const left = waiting.filter(({ name, inputs }) => {
      const isReady = inputs.every(({ layer, node }) => node < (nodes.get(layer) ?? 0));
      if (isReady && inputs.length > 0) nodes.set(name, nodes.get(name)! + 1);
      return !isReady;
    });
    if (left.length === waiting.length) throw new TopologyError(describeStall(left[0]!, nodes));
    waiting = left;
  }
  return nodes;
}

function describeStall(
  { name, inputs }: { readonly name: string; readonly inputs: readonly TensorReference[] },
  nodes: ReadonlyMap<string, number>,
): string {
  const absent = inputs.find(({ layer }) => !nodes.has(layer));
  if (absent) return `layer '${name}' must take its inputs from layers of the model ('${absent.layer}' is not one)`;
  const { layer, node } = inputs.find((input) => input.node >= nodes.get(input.layer)!)!;
  return `layer '${name}' must take its inputs from layers before it ('${layer}' has no output ${node} there)`;
}

function checkClass(
  layer: unknown,
  who: string,
  base: typeof tf.layers.Layer | typeof tf.LayersModel,
): { readonly className: string; readonly config: unknown; readonly isModel: boolean } {
  const fields = fieldsOf(layer, who);
  const className = read(fields, 'class_name');
  const { config } = fields;
  if (typeof className !== 'string') throw new TopologyError(`${who} must have a class`);
  if (typeof config !== 'object' || config === null) throw new TopologyError(`${who} must have a configuration`);
  const found = registeredClass(className);
  if (found === undefined || !isA(found, base)) {
    const kind =
      base === tf.LayersModel ? 'Sequential, Model or Functional (subclassed models have no graph)' : 'known';
    throw new TopologyError(`the class of ${who} must be ${kind}, it is '${shorten(className)}'`);
  }
  return { className, config, isModel: isA(found, tf.LayersModel) };
}

function registeredClass(className: string): unknown {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  return Object.hasOwn(classNameMap, className) ? classNameMap[className]![0] : undefined;
}

function isA(found: unknown, base: typeof tf.layers.Layer | typeof tf.LayersModel): boolean {
  return found === base || (typeof found === 'function' && found.prototype instanceof base);
}

function referenceOf(value: unknown, who: string): TensorReference {
  const [layer, node, tensor] = (Array.isArray(value) ? value : []) as unknown[];
  if (typeof layer === 'string' && isIndex(node) && isIndex(tensor)) return { layer, node };
  throw new TopologyError(`${who} must be named as [layer, node, tensor]`);
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Reads a field by its name in snake_case or camelCase. */
function read(fields: Fields, snake: string): unknown {
  const camel = snake.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (camel !== snake && Object.hasOwn(fields, snake) && Object.hasOwn(fields, camel)) {
    throw new TopologyError(`${snake} must be given only once`);
  }
  return fields[snake] ?? fields[camel];
}

function fieldsOf(value: unknown, who: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new TopologyError(`${who} must be described by an object`);
}

function listOf(value: unknown, who: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TopologyError(`${who} must be a list`);
}

function shorten(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}…` : name;
}
