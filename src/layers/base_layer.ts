/**
 * What all layers of this package share: registered class names `Convolutions>X` with default layer names from the bare
 * X, refusal of unknown options, weights whose constraints hold after every optimizer step.
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

/** The package part of class names: tfjs keys its registry by class name alone, so a built-in's name would replace it. */
export const PACKAGE = 'Convolutions';

/** Arguments that tfjs reads itself; `customObjects` is what it adds while loading a model. */
const HOST_ARGS = ['inputShape', 'batchInputShape', 'batchSize', 'dtype', 'inputDType', 'weights', 'customObjects'];

export abstract class BaseLayer extends tf.layers.Layer implements DescribedLayer {
  static readonly className: string;

  private readonly frozenWeights: FrozenWeights;

  /** Kinds of inputs that the layer takes. */
  static readonly dtypes: readonly tf.DataType[] = ['float32'];

  constructor(args: LayerArgs) {
    super(checkLayerArgs(bareName(new.target.className), args, new.target.dtypes));
    this.frozenWeights = new FrozenWeights();
    // tfjs numbers its default names per class and writes the class again: conv2d_Conv2D1.
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
   * Whether a call is to train: statistics of the batch, moving ones that follow. A frozen layer infers, as in Keras; it
   * is frozen by its own flag or, in a model whose `trainable` was set to false, by those of its weights.
   */
  protected trains(kwargs: Readonly<Record<string, unknown>>): boolean {
    const weights = this._trainableWeights;
    const frozen = !this.trainable || (weights.length > 0 && weights.every((weight) => !weight.trainable));
    return kwargs['training'] === true && !frozen;
  }

  protected override invokeCallHook(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): void {
    super.invokeCallHook(inputs, kwargs);
    if (kwargs['training'] === true) this.frozenWeights.train(this.name);
  }

  /** Who complains when an argument is wrong. */
  protected get action(): Action {
    return `build layer '${this.name}'`;
  }

  /**
   * The registered name; before the layer has a name of its own, the bare one, from which tfjs then makes the default
   * layer name.
   */
  override getClassName(): string {
    const { className } = this.constructor as typeof BaseLayer;
    return Object.hasOwn(this, 'name') ? className : plainName(className);
  }

  /** Refuses what the layer would ignore. To be called when all fields are set: `getConfig` names what is known. */
  protected checkOptions(args: object): void {
    const options = Object.keys(this.getConfig());
    for (const [option, value] of Object.entries(args)) {
      if (options.includes(option) || HOST_ARGS.includes(option) || value === undefined) continue;
      const rule = `${bareName(this.getClassName())} takes only ${options.sort().join(', ')} and inputShape`;
      throw typeError(this.action, rule, option, value);
    }
  }

  /** Reads `⟨prefix⟩Initializer`, `⟨prefix⟩Regularizer` and `⟨prefix⟩Constraint`. */
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

  /** The config entries that {@link readWeightOptions} reads back. */
  protected weightConfig(prefix: string, options: WeightOptions): tf.serialization.ConfigDict {
    return {
      [`${prefix}Initializer`]: toConfig(options.initializer),
      [`${prefix}Regularizer`]: toConfig(options.regularizer),
      [`${prefix}Constraint`]: toConfig(options.constraint),
    };
  }

  /** {@link createWeight} for parts of a layer that have weights of their own. */
  protected readonly creator: CreateWeight = (...weight) => this.createWeight(...weight);

  protected createWeight(name: string, shape: number[], options: WeightOptions, trainable = true): tf.LayerVariable {
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

/** `X` of `Convolutions>X`, abbreviations written as words: `RoIAlign` gives `roi_align`, not `ro_i_align`. */
export function plainName(className: string): string {
  return bareName(className).replace('PSRoI', 'PsRoi').replace('RoI', 'Roi');
}

/** `X` of `Convolutions>X`. */
export function bareName(className: string): string {
  return className.slice(PACKAGE.length + 1);
}

/** tfjs applies a constraint only when a weight is set by hand; Keras also does after each step of the optimizer. */
function projectAssignments(value: tf.Tensor, constraint: Constraint): void {
  const variable = value as tf.Tensor & Pick<tf.Variable, 'assign'>;
  const assign = variable.assign.bind(variable);
  variable.assign = (next) => {
    tf.tidy(() => {
      assign(constraint.apply(next));
    });
  };
}

/** The shapes of all inputs; a layer with one input is handed the shape itself. */
export function toShapes(shape: tf.Shape | tf.Shape[]): tf.Shape[] {
  return Array.isArray(shape[0]) ? (shape as tf.Shape[]) : [shape as tf.Shape];
}
