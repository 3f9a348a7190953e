/** Captured steps for people who train by `model.fit`. */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf, typeError } from '../errors.js';
import { LowMemory } from '../recompute/low_memory.js';
import { MEMORY_USES, type MemoryUse } from '../recompute/memory_use.js';
import { checkModel } from '../support/check_model.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { replaceMembers } from '../support/replace_members.js';
import { capture, type Captured, type CaptureReport } from './capture.js';
import { replaceDropout } from './stock_dropout.js';
import { tensorsIn } from '../support/tensor_tree.js';

/** Options of {@link accelerate}. */
export interface AccelerateOptions {
  /**
   * Memory of a training step. With `'low'` the backward pass computes activations again instead of keeping them all: less
   * than half the memory for many networks, for up to a third more time, with the same results. @default 'normal'
   */
  readonly memory?: MemoryUse;
}

const OPTIONS: OptionNames<AccelerateOptions> = { memory: true };

/** Model whose steps are captured. */
export interface Accelerated {
  /** Describes what has been captured so far. */
  readonly report: () => Readonly<Record<'train' | 'test' | 'predict', CaptureReport>>;
  /** Frees what the replays keep; the model then works as before. */
  readonly dispose: () => void;
}

type Step = (data: tf.Tensor[]) => tf.Tensor[];

/** Members of a model that its types hide. */
interface Host {
  optimizer_: unknown;
  lossFunctions: unknown;
  metricsTensors: unknown;
  collectedTrainableWeights: unknown;
  testFunction: Step;
  makeTrainFunction: () => Step;
  makeTestFunction: () => void;
  predictLoop: (inputs: tf.Tensor | tf.Tensor[], batchSize?: number, verbose?: boolean) => tf.Tensor | tf.Tensor[];
}

const ACTION = 'accelerate a model';

const accelerated = new WeakSet();

/**
 * Makes `fit`, `fitDataset`, `trainOnBatch`, `evaluate` and `predict` of a model run captured (see {@link capture}), with
 * the same results: callbacks, metrics, sample weights and validation included. Dropout layers of TensorFlow.js without a seed
 * draw other numbers, by the kernel of this package.
 *
 * @param model any `tf.LayersModel`; it may be compiled before or afterwards
 * @param options memory of a training step; see {@link AccelerateOptions}
 * @returns a report, and the way back
 * @throws TypeError if `model` is not a model, or accelerated already, or an option is unknown or of the wrong kind;
 *   RangeError if an option is out of range, or a layer computes masks and `memory` is `'low'`
 * @example
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const accelerated = conv.accelerate(model);
 * await model.fit(tf.ones([64, 4]), tf.ones([64, 1]), { epochs: 2, batchSize: 16, verbose: 0 });
 * console.log(accelerated.report().train.signatures[0].replays); // 6
 * accelerated.dispose();
 * ```
 */
export function accelerate(model: tf.LayersModel, options: AccelerateOptions = {}): Accelerated {
  checkModel(ACTION, model);
  checkOptions(ACTION, options, OPTIONS);
  const memory = checkOneOf(ACTION, 'memory', options.memory ?? 'normal', MEMORY_USES);
  if (accelerated.has(model)) throw typeError(ACTION, 'it must not be accelerated already', 'model', model);
  const steps = new ModelSteps(memory === 'low' ? new LowMemory(ACTION, model) : undefined);
  accelerated.add(model);
  const release = follow(model, (inner) => {
    steps.attach(inner);
  });
  return {
    report: () => steps.report(),
    dispose: () => {
      accelerated.delete(model);
      release();
      steps.dispose();
    },
  };
}

/**
 * Passes on the model whose methods run the steps, now and whenever another takes its place: a sequential model has one
 * inside it, which it makes when it is built, and anew whenever it is compiled.
 *
 * @returns stops
 */
function follow(model: tf.LayersModel, attach: (inner: tf.LayersModel) => void): () => void {
  if (!(model instanceof tf.Sequential)) {
    attach(model);
    return () => undefined;
  }
  const host = model as unknown as { readonly model?: tf.LayersModel };
  if (host.model) attach(host.model);
  return replaceMembers(model, {
    build: (inputShape?: tf.Shape | tf.Shape[]) => {
      tf.Sequential.prototype.build.call(model, inputShape);
      attach(host.model!);
    },
  });
}

/** The captured steps of a model, or of those that take each other's place inside a sequential one. */
class ModelSteps {
  private readonly train = new Steps();
  private readonly test = new Steps();
  private forward: Captured<[tf.Tensor[]], tf.Tensor[]> | undefined;
  private detach: () => void = () => undefined;

  constructor(private readonly low: LowMemory | undefined) {}

  attach(model: tf.LayersModel): void {
    this.detach();
    const { train, test, low } = this;
    const host = model as unknown as Host;
    const { makeTrainFunction, makeTestFunction } = host;
    const forward = capture((inputs: tf.Tensor[]) => tensorsIn(model.call(inputs, {})));
    const restoreDropout = replaceDropout(model);
    const restoreMethods = replaceMembers(model, {
      makeTrainFunction: () => {
        const step = makeTrainFunction.call(model);
        return train.captured(host, low ? (data) => low.run(() => step(data)) : step);
      },
      makeTestFunction: () => {
        makeTestFunction.call(model);
        host.testFunction = test.captured(host, host.testFunction);
      },
      predictLoop: (inputs: tf.Tensor | tf.Tensor[], batchSize = 32) => predict(forward, tensorsIn(inputs), batchSize),
    });
    this.forward = forward;
    this.detach = () => {
      restoreDropout();
      restoreMethods();
      forward.dispose();
    };
  }

  report(): ReturnType<Accelerated['report']> {
    const predicted = this.forward?.report() ?? { signatures: [] };
    return { train: this.train.report(), test: this.test.report(), predict: predicted };
  }

  dispose(): void {
    this.detach();
    this.train.dispose();
    this.test.dispose();
  }
}

/** The captured step of one kind; compiling the model anew replaces it. */
class Steps {
  private current: Captured<[tf.Tensor[]], tf.Tensor[]> | undefined;
  private compiled: readonly unknown[] = [];

  /** Returns the captured form of a step, which depends on the model, on how it has been compiled, and on nothing else. */
  captured(host: Host, step: Step): Step {
    const { optimizer_, lossFunctions, metricsTensors, collectedTrainableWeights } = host;
    const compiled = [host, optimizer_, lossFunctions, metricsTensors, collectedTrainableWeights];
    if (!this.current || compiled.some((part, index) => part !== this.compiled[index])) {
      this.current?.dispose();
      this.current = capture(step);
      this.compiled = compiled;
    }
    return this.current;
  }

  report(): CaptureReport {
    return this.current?.report() ?? { signatures: [] };
  }

  dispose(): void {
    this.current?.dispose();
    this.current = undefined;
  }
}

/** Predicts batch by batch, as the host does. */
function predict(
  forward: (inputs: tf.Tensor[]) => tf.Tensor[],
  inputs: readonly tf.Tensor[],
  batchSize: number,
): tf.Tensor | tf.Tensor[] {
  return tf.tidy(() => {
    const samples = inputs[0]!.shape[0];
    const batches: tf.Tensor[][] = [];
    for (let start = 0; start < samples; start += batchSize) {
      const count = Math.min(batchSize, samples - start);
      const batch = inputs.map((tensor) => {
        return tf.slice(tensor, [start, ...tensor.shape.slice(1).map(() => 0)], [count, ...tensor.shape.slice(1)]);
      });
      batches.push(forward(batch));
    }
    const outputs = batches[0]!.map((_, index) => tf.concat(batches.map((batch) => batch[index]!)));
    return outputs.length === 1 ? outputs[0]! : outputs;
  });
}
