/**
 * The part of training that needs no file system: `import { Trainer, Adam } from 'tfjs-convolutions/training'` in a
 * browser, where bundlers use this module instead of the one for Node.
 */
import '../register.js';
import { registerOptimizers } from './register_optimizers.js';

export { Adam, type AdamOptions } from './adam.js';
export { AdamW } from './adamw.js';
export { augmentImages, type AugmentImagesOptions } from './augment_images.js';
export { DEFAULT_AUGMENTATION, type Augmentation } from './augmentation.js';
export { decodeCheckpoint, encodeCheckpoint, resume, type Checkpoint } from './checkpoint.js';
export { cosineDecay } from './cosine_decay.js';
export type { BatchStream, TensorBatch, TrainingData } from './batch_stream.js';
export type { Dataset, SplitDataset } from './dataset.js';
export { evaluate, type EvaluateOptions, type Evaluation } from './evaluate.js';
export { checkFiniteWeights } from './finite_weights.js';
export type { Masks } from './masks.js';
export type { Loss } from './losses/loss.js';
export type { ClassScores, LabelScores, MultiLabelReport, Scores } from './metrics/index.js';
export type { Metric } from './metrics/top_k_accuracy.js';
export {
  decodeModel,
  encodeModel,
  type EncodedModel,
  type EncodeModelOptions,
  type ModelSource,
} from './model_encoding.js';
export * as losses from './losses/index.js';
export * as metrics from './metrics/index.js';
export {
  placeImage,
  preprocessingOf,
  scalePixels,
  type ChannelScaling,
  type Colour,
  type Fit,
  type Placement,
  type Preprocessing,
  type PreprocessingOptions,
} from './preprocessing.js';
export type { RandAugment } from './rand_augment.js';
export { Random, type Stream } from './random.js';
export { resizeSplit } from './resize.js';
export * as schedules from './schedules/index.js';
export { SGD, type SGDOptions } from './sgd.js';
export { splitByClass } from './split_by_class.js';
export { takeFirst } from './take_first.js';
export { Trainer, type EpochRecord, type TrainingHooks, type TrainingState, type TrainOptions } from './trainer.js';
export type { EarlyStopping, Monitor, Plateau } from './early_stopping.js';
export type { TrainingCallback } from './training_callbacks.js';
export type { OptimizerDefaults, TrainingParts } from './training_parts.js';
export type { Schedule } from './schedules/schedule.js';
export type { UpdateOptions } from './update_options.js';
export type { VariableGradients, VariableOptimizer } from './variable_optimizer.js';
export type { WeightType } from './weight_types.js';
export { toTfDataset, type TfBatch, type TfDatasetOptions } from './to_tf_dataset.js';
export { withSeed } from './with_seed.js';

registerOptimizers();
