/** Exports models of the tests, with inputs and the outputs that the model gives for them. */
import type * as tf from '@tensorflow/tfjs';
import { exportOnnx, type ExportOnnxOptions } from '../../../src/interop/index.js';
import { inputsOf, randomizeWeights, runModel, type NamedArray } from './onnx_runtimes.js';

/** A model, and shapes of its inputs, batch first, to run it on. */
export interface ExportCase {
  readonly name: string;
  readonly build: () => tf.LayersModel;
  /** Lists of input shapes; each list is one run. */
  readonly runs: readonly (readonly (readonly number[])[])[];
  /** True if it has deformable layers, which have two forms. @default false */
  readonly deforms?: boolean;
  /** Values of inputs by name, for the shapes of a run; the others are random. */
  readonly given?: (shapes: readonly (readonly number[])[]) => Readonly<Record<string, ArrayLike<number>>>;
}

/** An exported model. */
export interface ExportedCase {
  readonly name: string;
  readonly file: Uint8Array;
  /** Inputs of each run. */
  readonly inputs: readonly (readonly NamedArray[])[];
  /** Outputs of the model for each run. */
  readonly outputs: readonly (readonly NamedArray[])[];
}

/** Gives the model random weights and statistics, exports it and runs it. */
export async function exportCase(each: ExportCase, options: ExportOnnxOptions = {}): Promise<ExportedCase> {
  const model = each.build();
  randomizeWeights(model);
  const inputs = each.runs.map((shapes, run) => inputsOf(model, shapes, run, each.given?.(shapes)));
  const file = await exportOnnx(model, options);
  const outputs = inputs.map((given) => runModel(model, given));
  model.dispose();
  return { name: each.name, file, inputs, outputs };
}
