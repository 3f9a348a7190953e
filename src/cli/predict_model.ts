/** Models of TensorFlow.js for `predict`: runs, `model.json`, and whole models of Keras. */
import * as tf from '@tensorflow/tfjs';
import { capture } from '../capture/capture.js';
import { preprocessingOf, type Preprocessing } from '../training/preprocessing.js';
import { startBackend } from './backend.js';
import type { PredictCommandOptions } from './command_options.js';
import { BACKEND_NAMES } from './model_names.js';
import { openModel } from './open_model.js';
import { checkSize } from './predict_images.js';
import type { Predictor, Scores } from './predictor.js';

/** Metadata that `train` saved in the model. */
interface TrainingNotes {
  readonly classNames?: readonly string[];
  readonly multiLabel?: boolean;
}

/** A model and the engine that runs it. */
export interface OpenedModel {
  readonly model: tf.LayersModel;
  /** Engine, for people. */
  readonly engine: string;
}

/** Opens a model and starts its backend. */
export async function openSaved(location: string, options: PredictCommandOptions): Promise<OpenedModel> {
  const engine = await startBackend(options.backend ?? BACKEND_NAMES[0], options.threads);
  return { engine, model: await openModel(location) };
}

/** Tests for a model that gives scores of the classes of every pixel. */
export function isSegmentation({ inputs, outputs }: tf.LayersModel): boolean {
  const ranks = [...inputs, ...outputs].map(({ shape }) => shape.length);
  return ranks.length === 2 && ranks.every((rank) => rank === 4);
}

/** Prepares a classifier to run on batches. */
export function predictorOf({ model, engine }: OpenedModel, options: PredictCommandOptions): Predictor {
  if (model.outputs.length !== 1 || model.outputs[0]!.shape.length !== 2) {
    const outputs = model.outputs.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
    throw new Error(
      `Cannot predict: the model must give scores of classes [images, classes], received outputs = ${outputs}`,
    );
  }
  const input = inputOf(model, options);
  const { classNames, multiLabel = false } = (model.getUserDefinedMetadata() as TrainingNotes | undefined) ?? {};
  const forward = capture((x: tf.Tensor4D) => model.apply(x, { training: false }) as tf.Tensor2D);
  const { height, width, channels } = input;
  return {
    engine,
    input,
    // Training records the class names.
    isRecorded: classNames !== undefined || options.preprocessing !== undefined,
    classNames,
    isMultiLabel: multiLabel,
    parallel: 1,
    run: async (pixels, count): Promise<Scores> => {
      const scores = tf.tidy(() => forward(tf.tensor4d(pixels, [count, height, width, channels])));
      try {
        return { values: (await scores.data()) as Float32Array, classes: scores.shape[1] };
      } finally {
        scores.dispose();
      }
    },
    close: () => {
      forward.dispose();
      return Promise.resolve();
    },
  };
}

function inputOf(model: tf.LayersModel, { size, preprocessing }: PredictCommandOptions): Preprocessing {
  const [shape] = model.inputs.map((each) => each.shape);
  const channels = shape?.[3];
  if (model.inputs.length !== 1 || shape?.length !== 4 || (channels !== 1 && channels !== 3)) {
    const inputs = model.inputs.map((each) => `[${each.shape.slice(1).join(', ')}]`).join(', ');
    const rule = 'the model must take images [height, width, channels] with 1 or 3 channels';
    throw new Error(`Cannot predict: ${rule}, received inputs = ${inputs}`);
  }
  checkSize(size, [shape[1], shape[2]]);
  const recorded = preprocessingOf(model, size);
  return preprocessing === undefined ? recorded : { ...recorded, scale: preprocessing[0], offset: preprocessing[1] };
}
