/** A model as Keras's files see it: a tree of layers, each with the key of its group and its weights in Keras's order. */
import type * as tf from '@tensorflow/tfjs';
import { bareName, PACKAGE } from '../layers/base_layer.js';

/** A layer that has weights, or a model inside the model. */
export interface ModelLayer {
  readonly name: string;
  /** Name of its group in Keras 3 files: class and number among the layers of this class. */
  readonly key: string;
  readonly automatic: AutomaticName | undefined;
  /** Of a model: its layers. */
  readonly children?: readonly ModelLayer[];
  /** Of a layer that holds layers (recurrent ones and wrappers): these by the names of Keras's attributes. */
  readonly parts?: ReadonlyMap<string, ModelLayer>;
  /** Its own weights, without those of layers inside. */
  readonly weights: readonly ModelWeight[];
}

export interface ModelWeight {
  /** The weight's own name: `kernel`. */
  readonly name: string;
  readonly variable: tf.LayerVariable;
}

/** A name that nobody chose, such as `conv2d_7`: only the order of the numbers means something. */
export interface AutomaticName {
  /** What comes before the number here: `pointwise_conv2d`. */
  readonly base: string;
  /** What may come before the number in a file: the base, and Keras's own. */
  readonly bases: readonly string[];
  readonly number: number;
  /** Class of the layer as Keras writes it. */
  readonly kind: string;
}

/** The class that Keras has for a layer, where its name is another. */
const KERAS_CLASSES: Readonly<Record<string, string>> = {
  PointwiseConv2D: 'Conv2D',
  DilatedConv2D: 'Conv2D',
  GroupedConv2D: 'Conv2D',
  DepthwiseSeparableConv2D: 'SeparableConv2D',
  Model: 'Functional',
};

/** The layers of a model, in Keras's order. A layer that is used twice comes with its weights the first time only. */
export function modelLayers(model: tf.LayersModel, seen = new Set<tf.layers.Layer>()): ModelLayer[] {
  return keyed(model.layers).map(([key, layer]) => modelLayer(key, layer, seen));
}

/** Layers with their keys: class, and number among the layers of this class. */
function keyed(layers: readonly tf.layers.Layer[]): [key: string, layer: tf.layers.Layer][] {
  const used = new Map<string, number>();
  return layers.map((layer) => {
    const base = snakeCase(kerasClass(layer));
    const number = used.get(base) ?? 0;
    used.set(base, number + 1);
    return [numberedName(base, number), layer];
  });
}

function modelLayer(key: string, layer: tf.layers.Layer, seen: Set<tf.layers.Layer>): ModelLayer {
  const isNew = !seen.has(layer);
  seen.add(layer);
  const children = isModel(layer) ? modelLayers(layer, seen) : undefined;
  const parts = children === undefined ? partsOf(layer, seen) : undefined;
  const weights = isNew && children === undefined && parts === undefined ? layer.weights : [];
  return {
    name: layer.name,
    key,
    automatic: modelName(layer, snakeCase(kerasClass(layer))),
    ...(children !== undefined && { children }),
    ...(parts !== undefined && { parts }),
    weights: weights.map((variable) => ({ name: weightName(variable), variable })),
  };
}

/** A layer that holds others, which the host declares as internal. */
type Holder = tf.layers.Layer & Partial<Record<HeldLayer, tf.layers.Layer>> & { cells?: tf.layers.Layer[] };

type HeldLayer = 'cell' | 'forwardLayer' | 'backwardLayer' | 'layer';

/** Layers inside a recurrent layer or a wrapper; undefined in others. */
function partsOf(holder: Holder, seen: Set<tf.layers.Layer>): ReadonlyMap<string, ModelLayer> | undefined {
  const { cell, cells, forwardLayer, backwardLayer, layer } = holder;
  if (cells !== undefined) {
    const inner = new Map(keyed(cells).map(([key, each]) => [key, modelLayer(key, each, seen)]));
    return new Map([['cells', { name: 'cells', key: 'cells', automatic: undefined, parts: inner, weights: [] }]]);
  }
  // A bidirectional layer has the one that it was made of, too, which computes nothing.
  const held = forwardLayer ? { forwardLayer, backwardLayer } : { cell, layer };
  const parts = Object.entries(held).flatMap(([attribute, part]) =>
    part ? [[snakeCase(attribute), modelLayer(snakeCase(attribute), part, seen)] as const] : [],
  );
  return parts.length > 0 ? new Map(parts) : undefined;
}

/** The number of a default name on this base, as Keras writes those: `conv2d`, `conv2d_1`. */
export function automaticNumber(name: string, base: string): number | undefined {
  if (name === base) return 0;
  const number = name.startsWith(`${base}_`) ? name.slice(base.length + 1) : '';
  return /^\d+$/.test(number) ? Number(number) : undefined;
}

/** A key or default name as Keras writes it. */
export function numberedName(base: string, number: number): string {
  return number === 0 ? base : `${base}_${number}`;
}

/** The name of a class as Keras writes it in keys and default names: `Conv2DTranspose` → `conv2d_transpose`. */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** Whether the layer is a model of its own. */
function isModel(layer: tf.layers.Layer): layer is tf.LayersModel {
  return 'layers' in layer;
}

/** The registered name of a class without the package. */
function ownClass(layer: tf.layers.Layer): string {
  const className = layer.getClassName();
  return className.startsWith(`${PACKAGE}>`) ? bareName(className) : className;
}

function kerasClass(layer: tf.layers.Layer): string {
  const className = ownClass(layer);
  return KERAS_CLASSES[className] ?? className;
}

/** tfjs writes default names in its own way: `conv2d_Conv2D1`, `model1`, and `pointwise_conv2d_1` for our own. */
function modelName(layer: tf.layers.Layer, kerasBase: string): AutomaticName | undefined {
  const className = ownClass(layer);
  const base = snakeCase(className);
  const name = layer.name.replace(`_${className}`, '_').replace(/^model(?=\d)/, 'model_');
  const number = automaticNumber(name, base);
  return number === undefined ? undefined : { base, bases: [...new Set([base, kerasBase])], number, kind: kerasBase };
}

/** Without the layer's name and the number that tfjs adds to a repeated one. */
function weightName({ originalName }: tf.LayerVariable): string {
  return originalName.slice(originalName.lastIndexOf('/') + 1);
}
