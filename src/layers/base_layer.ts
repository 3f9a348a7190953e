/**
 * Base class of all layers of this package: class names registered as `Convolutions>X` with default layer names derived
 * from the bare X, rejection of unknown options, and constraints that hold after every optimizer step.
 */
import * as tf from '@tensorflow/tfjs';
import { typeError, type Action } from '../errors.js';
import type { CreateWeight } from './channel_normalizer.js';
import {
  isAbsent,
  toConfig,
  toConstraint,
  toInitializer,
  toRegularizer,
  type Constraint,
  type LayerArgs,
  type WeightOptions,
} from './config.js';
import type { DescribedLayer, LayerDescription } from './description.js';
import { FrozenWeights } from './frozen_weights.js';
import { checkLayerArgs } from './layer_args.js';
import { dependsOn } from '../kernel/conditions.js';
import { checkElements } from '../kernel/sizes.js';

/**
 * Package prefix of class names. TensorFlow.js keys its registry by class name alone, so the bare name would replace a
 * built-in layer.
 */
export const PACKAGE = 'Convolutions';

/** Arguments that TensorFlow.js reads itself; it adds `customObjects` while loading a model. */
const HOST_ARGS = ['inputShape', 'batchInputShape', 'batchSize', 'dtype', 'inputDType', 'weights', 'customObjects'];

/** Layer that registers its name, rejects unknown options and describes itself to the analysis. */
export abstract class BaseLayer extends tf.layers.Layer implements DescribedLayer {
  static readonly className: string;

  private readonly frozenWeights: FrozenWeights;

  /** Data types of inputs that the layer accepts. */
  static readonly dtypes: readonly tf.DataType[] = ['float32'];

  constructor(args: LayerArgs) {
    super(checkLayerArgs(bareName(new.target.className), args, new.target.dtypes));
    this.frozenWeights = new FrozenWeights();
    // tfjs numbers its default names per class and appends the class name again: conv2d_Conv2D1.
    if (isAbsent(args.name)) this.name = this.name.replace(plainName(this.getClassName()), '');
  }

  abstract describe(inputShapes: readonly tf.Shape[]): LayerDescription;

  override get trainable(): boolean {
    return super.trainable;
  }

  override set trainable(trainable: boolean) {
    super.trainable = trainable;
    this.frozenWeights.settle();
  }

  /**
   * True if a call runs in training mode, i.e. uses batch statistics and updates the moving averages. A frozen layer
   * runs in inference mode, as in Keras; it is frozen by its own flag or, in a model whose `trainable` was set to
   * false, by those of its weights.
   */
  protected trains(kwargs: Readonly<Record<string, unknown>>): boolean {
    return kwargs['training'] === true && !dependsOn(() => this.isFrozen);
  }

  private get isFrozen(): boolean {
    const weights = this._trainableWeights;
    return !this.trainable || (weights.length > 0 && weights.every((weight) => !weight.trainable));
  }

  protected override invokeCallHook(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): void {
    super.invokeCallHook(inputs, kwargs);
    if (kwargs['training'] === true) this.frozenWeights.train(this.name);
  }

  /** Subject of error messages. */
  protected get action(): Action {
    return `build layer '${this.name}'`;
  }

  /**
   * Registered name; until the layer has a name of its own, the bare class name, from which tfjs derives the default
   * layer name.
   */
  override getClassName(): string {
    const { className } = this.constructor as typeof BaseLayer;
    return Object.hasOwn(this, 'name') ? className : plainName(className);
  }

  /**
   * Rejects options that the layer would ignore. Call it once all fields are set: the known options are the keys of
   * `getConfig`.
   */
  protected checkOptions(args: object): void {
    const options = Object.keys(this.getConfig());
    for (const [option, value] of Object.entries(args)) {
      if (options.includes(option) || HOST_ARGS.includes(option) || value === undefined) continue;
      const rule = `${bareName(this.getClassName())} takes only ${options.sort().join(', ')} and inputShape`;
      throw typeError(this.action, rule, option, value);
    }
  }

  /** Reads `⟨prefix⟩Initializer`, `⟨prefix⟩Regularizer` and `⟨prefix⟩Constraint` from the arguments. */
  protected readWeightOptions(args: object, prefix: string, initializer: string): WeightOptions {
    const read = (suffix: string): [string, unknown] => {
      const name = `${prefix}${suffix}`;
      return [name, (args as Record<string, unknown>)[name]];
    };
    return {
      initializer: toInitializer(this.action, ...read('Initializer'), initializer),
      regularizer: toRegularizer(this.action, ...read('Regularizer')),
      constraint: toConstraint(this.action, ...read('Constraint')),
    };
  }

  /** Config entries that {@link readWeightOptions} reads back. */
  protected weightConfig(prefix: string, options: WeightOptions): tf.serialization.ConfigDict {
    return {
      [`${prefix}Initializer`]: toConfig(options.initializer),
      [`${prefix}Regularizer`]: toConfig(options.regularizer),
      [`${prefix}Constraint`]: toConfig(options.constraint),
    };
  }

  /** {@link createWeight}, bound, for parts of a layer that create weights of their own. */
  protected readonly creator: CreateWeight = (...weight) => this.createWeight(...weight);

  protected createWeight(name: string, shape: number[], options: WeightOptions, trainable = true): tf.LayerVariable {
    checkElements(this.action, name, shape);
    const { initializer, regularizer, constraint } = options;
    const weight = this.addWeight(
      name,
      shape,
      'float32',
      initializer,
      regularizer ?? undefined,
      trainable,
      constraint ?? undefined,
    );
    if (constraint !== null) projectAssignments(weight.read(), constraint);
    if (trainable) this.frozenWeights.watch(weight);
    return weight;
  }
}

/** `X` of `Convolutions>X`, with abbreviations written as words: `RoIAlign` gives `roi_align`, not `ro_i_align`. */
export function plainName(className: string): string {
  return bareName(className).replace('PSRoI', 'PsRoi').replace('RoI', 'Roi');
}

/** `X` of `Convolutions>X`. */
export function bareName(className: string): string {
  return className.slice(PACKAGE.length + 1);
}

/** tfjs applies a constraint only when a weight is set explicitly; Keras also applies it after every optimizer step. */
function projectAssignments(value: tf.Tensor, constraint: Constraint): void {
  const variable = value as tf.Tensor & Pick<tf.Variable, 'assign'>;
  variable.assign = (next) => {
    tf.tidy(() => {
      // Of the class, and looked up at each call: a captured step notes assignments there.
      tf.Variable.prototype.assign.call(value, constraint.apply(next));
    });
  };
}

/** Shapes of all inputs; tfjs passes a layer with a single input the shape itself. */
export function toShapes(shape: tf.Shape | tf.Shape[]): tf.Shape[] {
  return Array.isArray(shape[0]) ? (shape as tf.Shape[]) : [shape as tf.Shape];
}
