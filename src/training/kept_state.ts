/** The state of a run in the memory of the processor, which outlives the device on which the run computes. */
import * as tf from '@tensorflow/tfjs';
import type { NamedTensors } from './optimizer_state.js';
import { seededLayers } from './seeded_layers.js';

/** The parts of a run that change from step to step. */
interface Run<State> {
  readonly model: tf.LayersModel;
  readonly optimizer: tf.Optimizer;
  state: State;
}

interface Values {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: tf.DataType;
  readonly values: tf.TypedArray;
}

/** State of a run between two steps. */
export class KeptState<State> {
  private constructor(
    private readonly state: State,
    private readonly weights: readonly Values[],
    private readonly moments: readonly Values[],
    private readonly masks: readonly number[],
  ) {}

  /** Reads the state of a run back from its device. */
  static async of<State>({ model, optimizer, state }: Run<State>): Promise<KeptState<State>> {
    const moments = await optimizer.getWeights();
    const [iterations] = moments;
    const weights = model.weights.map((weight) => ({ name: weight.name, tensor: weight.read() }));
    const masks = seededLayers(model).map(({ drawn }) => drawn);
    try {
      return new KeptState(structuredClone(state), await valuesOf(weights), await valuesOf(moments), masks);
    } finally {
      iterations!.tensor.dispose();
    }
  }

  /** Puts the state back, on the backend that is active now. */
  async restore(run: Run<State>): Promise<void> {
    const [weights, moments] = [tensorsOf(this.weights), tensorsOf(this.moments)];
    try {
      await run.optimizer.setWeights(moments);
      run.model.setWeights(weights.map(({ tensor }) => tensor));
    } finally {
      tf.dispose([...weights, ...moments].map(({ tensor }) => tensor));
    }
    seededLayers(run.model).forEach((layer, index) => (layer.drawn = this.masks[index]!));
    run.state = structuredClone(this.state);
  }
}

type NamedTensor = NamedTensors[number];

function valuesOf(tensors: readonly NamedTensor[]): Promise<Values[]> {
  return Promise.all(
    tensors.map(async ({ name, tensor }) => {
      const { shape, dtype } = tensor;
      // The host may go on to use the array that it returns.
      return { name, shape, dtype, values: (await tensor.data()).slice() };
    }),
  );
}

function tensorsOf(all: readonly Values[]): NamedTensor[] {
  return all.map(({ name, shape, dtype, values }) => ({ name, tensor: tf.tensor(values, shape, dtype) }));
}
