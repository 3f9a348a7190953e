/** List of all layer classes, their registration with tfjs and their factories, all derived from `index.ts`. */
import * as tf from '@tensorflow/tfjs';
import { typeError } from '../errors.js';
import { bareName, BaseLayer, PACKAGE, plainName } from './base_layer.js';
import * as exported from './index.js';

/** A layer class that can be constructed from its arguments. */
type LayerClass = (new (args: never) => BaseLayer) & { readonly className: string };

type Exported = typeof exported;
type LayerName = { [Name in keyof Exported]: Exported[Name] extends LayerClass ? Name : never }[keyof Exported];

/** Name of a class's factory, as tfjs forms it: `DeformableConv2D` → `deformableConv2d`. */
type FactoryName<Name extends string> =
  PlainName<Name> extends `${infer Head}2D${infer Tail}`
    ? `${Uncapitalize<Head>}2d${Tail}`
    : Uncapitalize<PlainName<Name>>;

/** Type-level counterpart of `plainName`: `DeformablePSRoIPool` → `DeformablePsRoiPool`. */
type PlainName<Name extends string> = Name extends `${infer Head}PSRoI${infer Tail}`
  ? `${Head}PsRoi${Tail}`
  : Name extends `${infer Head}RoI${infer Tail}`
    ? `${Head}Roi${Tail}`
    : Name;

/** One function per layer class, with the arguments of the class. */
type Factories = {
  readonly [Name in LayerName as FactoryName<Name>]: (
    ...args: ConstructorParameters<Exported[Name]>
  ) => InstanceType<Exported[Name]>;
};

/** All layer classes of this package. */
export const LAYERS: readonly LayerClass[] = Object.values<unknown>(exported).filter(isLayerClass);

/** Factories of all layers: `layers.deformableConv2d({…})`. */
export const layers = Object.fromEntries(
  LAYERS.map((Layer) => [factoryName(Layer), (args: never, ...more: unknown[]) => make(Layer, args, more)]),
) as unknown as Factories;

/** Registers all layers with tfjs, so that `tf.loadLayersModel` restores them. Idempotent. */
export function registerLayers(): void {
  for (const Layer of LAYERS) {
    tf.serialization.registerClass(
      Layer as unknown as tf.serialization.SerializableConstructor<BaseLayer>,
      PACKAGE,
      bareName(Layer.className),
    );
  }
}

function make(Layer: LayerClass, args: never, more: readonly unknown[]): BaseLayer {
  const name = factoryName(Layer);
  if (more.length > 0) {
    throw typeError(`call ${name}`, `no argument may follow: write ${name}({…})`, 'argument', more[0]);
  }
  return new Layer(args);
}

function isLayerClass(value: unknown): value is LayerClass {
  return typeof value === 'function' && value.prototype instanceof BaseLayer;
}

function factoryName(Layer: LayerClass): string {
  const name = plainName(Layer.className).replace('2D', '2d');
  return name.charAt(0).toLowerCase() + name.slice(1);
}
