/** Describes a model as in Keras files: a tree of layers, each with the key of its group and its weights in Keras's order. */
import type * as tf from '@tensorflow/tfjs';
import { bareName, PACKAGE } from '../layers/base_layer.js';

/** A layer or a nested model. */
export interface ModelLayer {
  readonly name: string;
  /** Name of its group in Keras 3 files: class, and position among the layers of this class. */
  readonly key: string;
  readonly automatic: AutomaticName | undefined;
  /** Layers of a nested model. */
  readonly children?: readonly ModelLayer[];
  /** Layers inside a recurrent layer or a wrapper, by the name of the attribute in Keras. */
  readonly parts?: ReadonlyMap<string, ModelLayer>;
  /** Weights of the layer itself, without those of layers inside it. */
  readonly weights: readonly ModelWeight[];
}

/** One weight of a layer of the model. */
export interface ModelWeight {
  /** Name without that of the layer: `kernel`. */
  readonly name: string;
  readonly variable: tf.LayerVariable;
}

/** A default name, such as `conv2d_7`, of which only the order of the numbers is meaningful. */
export interface AutomaticName {
  /** Name without the number: `pointwise_conv2d`. */
  readonly base: string;
  /** Possible names without the number in a file: that of this package, and that of Keras. */
  readonly bases: readonly string[];
  readonly number: number;
  /** Class of the layer in the spelling of Keras. */
  readonly kind: string;
}

/** Class of a layer in Keras, where its name differs. */
const KERAS_CLASSES: Readonly<Record<string, string>> = {
  PointwiseConv2D: 'Conv2D',
  DilatedConv2D: 'Conv2D',
  GroupedConv2D: 'Conv2D',
  DepthwiseSeparableConv2D: 'SeparableConv2D',
  Model: 'Functional',
};

/** Names of layers in files. */
export interface LayerNaming {
  /** True if every name counts: in the file of a whole model, no name is a default one. @default false */
  readonly byName?: boolean;
  /** Class of a layer in Keras; undefined for the layers inside others. @default that of the layer with its weights */
  readonly classOf?: (layer: tf.layers.Layer) => string | undefined;
  /** Layers whose weights are not in the file. @default none */
  readonly absent?: ReadonlySet<tf.layers.Layer>;
}

/** Lists the layers of a model, in Keras's order. A layer that is used twice has its weights listed only the first time. */
export function modelLayers(model: tf.LayersModel, naming: LayerNaming = {}): ModelLayer[] {
  return listLayers(model.layers, naming, new Set());
}

function listLayers(layers: readonly tf.layers.Layer[], naming: LayerNaming, seen: Set<tf.layers.Layer>): ModelLayer[] {
  return keyed(layers, naming).map(([key, layer]) => modelLayer(key, layer, naming, seen));
}

/** Pairs layers with their keys: class, and position among the layers of this class. */
function keyed(layers: readonly tf.layers.Layer[], { classOf }: LayerNaming): [key: string, layer: tf.layers.Layer][] {
  const used = new Map<string, number>();
  return layers.map((layer) => {
    const base = snakeCase(classOf?.(layer) ?? kerasClass(layer));
    const number = used.get(base) ?? 0;
    used.set(base, number + 1);
    return [numberedName(base, number), layer];
  });
}

function modelLayer(key: string, layer: tf.layers.Layer, naming: LayerNaming, seen: Set<tf.layers.Layer>): ModelLayer {
  const isNew = !seen.has(layer) && naming.absent?.has(layer) !== true;
  seen.add(layer);
  const children = isModel(layer) ? listLayers(layer.layers, naming, seen) : undefined;
  const parts = children === undefined ? partsOf(layer, naming, seen) : undefined;
  const weights = isNew && children === undefined && parts === undefined ? layer.weights : [];
  return {
    name: layer.name,
    key,
    automatic: naming.byName === true ? undefined : modelName(layer, snakeCase(kerasClass(layer))),
    ...(children !== undefined && { children }),
    ...(parts !== undefined && { parts }),
    weights: weights.map((variable) => ({ name: weightName(variable), variable })),
  };
}

/** A layer that contains other layers, which the host declares as internal. */
type Holder = tf.layers.Layer & Partial<Record<HeldLayer, tf.layers.Layer>> & { cells?: tf.layers.Layer[] };

type HeldLayer = 'cell' | 'forwardLayer' | 'backwardLayer' | 'layer';

/** Finds the layers inside a recurrent layer or a wrapper; undefined for other layers. */
function partsOf(
  holder: Holder,
  naming: LayerNaming,
  seen: Set<tf.layers.Layer>,
): ReadonlyMap<string, ModelLayer> | undefined {
  const { cell, cells, forwardLayer, backwardLayer, layer } = holder;
  if (cells !== undefined) {
    const inner = new Map(keyed(cells, {}).map(([key, each]) => [key, modelLayer(key, each, naming, seen)]));
    return new Map([['cells', { name: 'cells', key: 'cells', automatic: undefined, parts: inner, weights: [] }]]);
  }
  // A bidirectional layer also keeps the layer it was created from, which is not used.
  const held = forwardLayer ? { forwardLayer, backwardLayer } : { cell, layer };
  const parts = Object.entries(held).flatMap(([attribute, part]) =>
    part ? [[snakeCase(attribute), modelLayer(snakeCase(attribute), part, naming, seen)] as const] : [],
  );
  return parts.length > 0 ? new Map(parts) : undefined;
}

/** Parses the number of a default name of Keras with this base: `conv2d`, `conv2d_1`; undefined for other names. */
export function automaticNumber(name: string, base: string): number | undefined {
  if (name === base) return 0;
  const number = name.startsWith(`${base}_`) ? name.slice(base.length + 1) : '';
  return /^\d+$/.test(number) ? Number(number) : undefined;
}

/** Formats a key or a default name as Keras does. */
export function numberedName(base: string, number: number): string {
  return number === 0 ? base : `${base}_${number}`;
}

/** Converts a class name as Keras does for keys and default names: `Conv2DTranspose` → `conv2d_transpose`. */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** Tests for a nested model. */
function isModel(layer: tf.layers.Layer): layer is tf.LayersModel {
  return 'layers' in layer;
}

/** Registered class name, without the prefix of this package. */
function ownClass(layer: tf.layers.Layer): string {
  const className = layer.getClassName();
  return className.startsWith(`${PACKAGE}>`) ? bareName(className) : className;
}

function kerasClass(layer: tf.layers.Layer): string {
  const className = ownClass(layer);
  return KERAS_CLASSES[className] ?? className;
}

/** Parses default names of TensorFlow.js, `conv2d_Conv2D1` and `model1`, and of this package, `pointwise_conv2d_1`. */
function modelName(layer: tf.layers.Layer, kerasBase: string): AutomaticName | undefined {
  const className = ownClass(layer);
  const base = snakeCase(className);
  const name = layer.name.replace(`_${className}`, '_').replace(/^model(?=\d)/, 'model_');
  const number = automaticNumber(name, base);
  return number === undefined ? undefined : { base, bases: [...new Set([base, kerasBase])], number, kind: kerasBase };
}

/** Name of a weight without that of the layer and without the number that TensorFlow.js appends to repeated names. */
function weightName({ originalName }: tf.LayerVariable): string {
  return originalName.slice(originalName.lastIndexOf('/') + 1);
}
