/**
 * Configuration of a whole model as Keras writes it, of any version, as a checked graph: every reference leads to an output
 * of a layer, and no layer depends on itself.
 *
 * Keras 3 describes a call as `{args: [{class_name: '__keras_tensor__', config: {keras_history: [layer, call, output]}}],
 * kwargs}`, Keras 2 as `[[layer, call, output, kwargs], …]`. Both count the calls of a layer from 0, but those of a nested
 * model from 1, since its construction is call 0: Keras 2 everywhere, Keras 3 only in `output_layers`.
 */
import { CorruptFileError, isPlainObject, type Action } from '../errors.js';
import type { Call, KerasLayer, KerasModel, Reference } from './keras_model.js';
import { toOperation } from './keras_operations.js';
import type { Config } from './keras_objects.js';

const MODELS = ['Functional', 'Model', 'Sequential'];

/** Deepest nesting of models, and most layers in all: far more than models have, and few enough to read in an instant. */
const DEEPEST = 32;
const MOST_LAYERS = 100_000;

/**
 * Reads the configuration of a model.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @param file name of the file in errors
 * @throws CorruptFileError if it is not the configuration of a functional or sequential model
 */
export function readGraph(action: Action, config: unknown, file: string): KerasModel {
  return new Reader(action, file).model(asObject(config), 0);
}

class Reader {
  private count = 0;

  constructor(
    private readonly action: Action,
    private readonly file: string,
  ) {}

  model(given: Config | undefined, depth: number): KerasModel {
    const className = String(given?.['class_name']);
    if (!MODELS.includes(className)) {
      return this.fail('the model must be Sequential or Functional: others are Python programs');
    }
    // Keras 1 and the first releases of Keras 2 have the layers of a sequential model in place of its configuration.
    const config = Array.isArray(given!['config'])
      ? { layers: given!['config'] as unknown[] }
      : asObject(given!['config']);
    const layers = config?.['layers'];
    if (config === undefined || !Array.isArray(layers)) return this.fail('the configuration must list the layers');
    this.count += layers.length;
    if (this.count > MOST_LAYERS || depth > DEEPEST) return this.fail('the model must have fewer layers');
    const read = layers.map((layer) => this.layer(asObject(layer), depth));
    if (new Set(read.map(({ name }) => name)).size < read.length) {
      return this.fail('the names of layers must be unique');
    }
    const name = typeof config['name'] === 'string' ? config['name'] : 'model';
    if (className === 'Sequential') return this.sequential(name, config, read);
    const functional = this.functional(name, config, read);
    this.checkGraph(functional);
    return functional;
  }

  private layer(given: Config | undefined, depth: number): KerasLayer {
    const { class_name: className, registered_name: registeredName, module, inbound_nodes: nodes = [] } = given ?? {};
    const config = asObject(given?.['config']);
    const name = given?.['name'] ?? config?.['name'];
    if (typeof className !== 'string' || typeof name !== 'string') {
      return this.fail('the configuration must give the class and the name of every layer');
    }
    if (!Array.isArray(nodes)) return this.fail(`the calls of layer '${name}' must be a list`);
    const layer: KerasLayer = {
      name,
      className,
      ...(typeof registeredName === 'string' && { registeredName }),
      config: config ?? {},
      calls: [],
      ...(MODELS.includes(className) && { model: this.model(given, depth + 1) }),
    };
    const operation = toOperation(layer, module, nodes);
    if (operation !== undefined) return operation;
    return { ...layer, calls: nodes.map((node: unknown) => this.call(name, node)) };
  }

  private call(layer: string, node: unknown): Call {
    if (Array.isArray(node) && node.length > 0) {
      const inputs = node.map((entry: unknown) => this.reference(layer, entry));
      const [, , , options] = node[0] as unknown[];
      return { inputs, options: asObject(options) ?? {} };
    }
    const { args, kwargs } = asObject(node) ?? {};
    const inputs: Reference[] = [];
    const others: unknown[] = [];
    for (const argument of flatten(args)) {
      const history = historyOf(argument);
      if (history !== undefined) inputs.push(this.reference(layer, history));
      else if (argument !== null) others.push(argument);
    }
    if (inputs.length === 0) return this.fail(`the calls of layer '${layer}' must have inputs`);
    return { inputs, options: { ...asObject(kwargs), ...(others.length > 0 && { arguments: others }) } };
  }

  private reference(layer: string, entry: unknown): Reference {
    const [name, call, output] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof name !== 'string' || !Number.isInteger(call) || !Number.isInteger(output)) {
      return this.fail(`the inputs of '${layer}' must be outputs of layers`);
    }
    return { layer: name, call: call as number, output: output as number };
  }

  private sequential(name: string, config: Config, layers: readonly KerasLayer[]): KerasModel {
    const first = layers[0];
    if (first === undefined) return this.fail(`the model '${name}' must have layers`);
    if (first.className === 'InputLayer') {
      return { name, isSequential: true, layers, inputs: [first.name], outputs: [] };
    }
    const inner = first.model?.layers.find((layer) => layer.name === first.model!.inputs[0]);
    const shape =
      first.config['batch_input_shape'] ?? config['build_input_shape'] ?? (inner && shapeOf(inner)) ?? undefined;
    if (shape === undefined) return this.fail(`the model '${name}' must have been built before it was saved`);
    const input: KerasLayer = {
      name: `${first.name}_input`,
      className: 'InputLayer',
      config: { batch_input_shape: shape, dtype: first.config['dtype'] ?? 'float32' },
      calls: [],
    };
    return { name, isSequential: true, layers: [input, ...layers], inputs: [input.name], outputs: [] };
  }

  private functional(name: string, config: Config, layers: readonly KerasLayer[]): KerasModel {
    const byName = new Map(layers.map((layer) => [layer.name, layer]));
    const read = (key: string): readonly Reference[] =>
      listed(config[key]).map((entry) => this.reference(`${name}: ${key}`, entry));
    const [inputs, outputs] = [read('input_layers'), read('output_layers')];
    if (inputs.length === 0 || outputs.length === 0) {
      return this.fail(`the model '${name}' must have inputs and outputs`);
    }
    // Calls of nested models are counted from 1, if no reference counts from 0.
    const offsets = new Map<string, number>();
    const within = layers.flatMap(({ calls }) => calls.flatMap((call) => call.inputs));
    const isKeras3 = layers.some((layer) => 'batch_shape' in layer.config);
    for (const { name: nested, model } of layers) {
      if (model === undefined) continue;
      const references = [...within, ...outputs].filter((reference) => reference.layer === nested);
      if (isKeras3 || references.some(({ call }) => call === 0)) continue;
      offsets.set(nested, 1);
    }
    const recount = (reference: Reference, isOutput: boolean): Reference => {
      const model = byName.get(reference.layer)?.model;
      const last = isOutput && isKeras3 && model?.isSequential === false && reference.call > 0 ? 1 : 0;
      return { ...reference, call: reference.call - (offsets.get(reference.layer) ?? last) };
    };
    return {
      name,
      isSequential: false,
      layers: layers.map((layer) => ({
        ...layer,
        calls: layer.calls.map((call) => ({ ...call, inputs: call.inputs.map((each) => recount(each, false)) })),
      })),
      inputs: inputs.map((reference) => reference.layer),
      outputs: outputs.map((reference) => recount(reference, true)),
    };
  }

  private checkGraph({ name, layers, inputs, outputs }: KerasModel): void {
    const byName = new Map(layers.map((layer) => [layer.name, layer]));
    const exists = ({ layer, call, output }: Reference): boolean => {
      const found = byName.get(layer);
      const calls = found?.className === 'InputLayer' ? 1 : (found?.calls.length ?? 0);
      return call >= 0 && call < calls && output >= 0 && output < (found?.model?.outputs.length || 1);
    };
    const references = [...layers.flatMap(({ calls }) => calls.flatMap((call) => call.inputs)), ...outputs];
    const wrong = references.find((reference) => !exists(reference));
    if (wrong !== undefined) {
      this.fail(`the model '${name}' must have output ${wrong.output} of call ${wrong.call} of '${wrong.layer}'`);
    }
    if (inputs.some((input) => byName.get(input)?.className !== 'InputLayer')) {
      this.fail(`the inputs of the model '${name}' must be input layers`);
    }
    if (callOrder(layers).length < layers.reduce((sum, { calls }) => sum + calls.length, 0)) {
      this.fail(`the layers of the model '${name}' must not depend on themselves`);
    }
  }

  private fail(rule: string): never {
    throw new CorruptFileError(this.action, rule, this.file);
  }
}

/** True for a file of Keras 2, which names the shapes of inputs otherwise. */
export function isKeras2({ layers }: KerasModel): boolean {
  return !layers.some(
    (layer) => 'batch_shape' in layer.config || (layer.model !== undefined && !isKeras2(layer.model)),
  );
}

/** Orders all calls so that each comes after those whose outputs it takes; calls that depend on themselves are missing. */
export function callOrder(
  layers: readonly KerasLayer[],
): readonly { readonly layer: KerasLayer; readonly call: number }[] {
  const waiting = new Map<string, number>();
  const users = new Map<string, { readonly layer: KerasLayer; readonly call: number }[]>();
  const ready: { readonly layer: KerasLayer; readonly call: number }[] = [];
  const inputs = new Set(layers.flatMap(({ name, className }) => (className === 'InputLayer' ? [name] : [])));
  for (const layer of layers) {
    layer.calls.forEach(({ inputs: given }, call) => {
      const sources = new Set(given.filter((each) => !inputs.has(each.layer)).map((each) => callKey(each)));
      waiting.set(callKey({ layer: layer.name, call }), sources.size);
      for (const source of sources) users.set(source, [...(users.get(source) ?? []), { layer, call }]);
      if (sources.size === 0) ready.push({ layer, call });
    });
  }
  for (let next = 0; next < ready.length; next++) {
    const { layer, call } = ready[next]!;
    for (const user of users.get(callKey({ layer: layer.name, call })) ?? []) {
      const key = callKey({ layer: user.layer.name, call: user.call });
      const left = waiting.get(key)! - 1;
      waiting.set(key, left);
      if (left === 0) ready.push(user);
    }
  }
  return ready;
}

/** Key of a call in maps. */
export function callKey({ layer, call }: Pick<Reference, 'layer' | 'call'>): string {
  return `${call} ${layer}`;
}

/** Shape of an input layer, batch included. */
export function shapeOf({ config }: KerasLayer): unknown {
  return config['batch_shape'] ?? config['batch_input_shape'];
}

/** History of a tensor among the arguments of a call in Keras 3: layer, call, output. */
function historyOf(argument: unknown): unknown {
  const { class_name: className, config } = asObject(argument) ?? {};
  return className === '__keras_tensor__' ? asObject(config)?.['keras_history'] : undefined;
}

/** Lists the arguments of a call, which may be lists of lists. */
function flatten(argument: unknown, depth = 0): readonly unknown[] {
  if (!Array.isArray(argument) || depth > DEEPEST) return [argument];
  return argument.flatMap((each: unknown) => flatten(each, depth + 1));
}

/** Lists references: one alone, a list, or an object of such. */
function listed(given: unknown, depth = 0): readonly unknown[] {
  const inside = isPlainObject(given) ? Object.values(given) : given;
  if (!Array.isArray(inside) || depth > DEEPEST) return [];
  return typeof inside[0] === 'string' ? [inside] : inside.flatMap((each: unknown) => listed(each, depth + 1));
}

function asObject(value: unknown): Config | undefined {
  return isPlainObject(value) ? value : undefined;
}
