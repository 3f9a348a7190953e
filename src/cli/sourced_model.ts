/** A network for the classes of the data, as the ways to get one give it. */
import type * as tf from '@tensorflow/tfjs';
import type { SplitImages } from '../training/image_source.js';
import type { Preprocessing } from '../training/preprocessing.js';

/** A network that can be built once the data is known. */
export interface ModelSource {
  /** Preprocessing of its images; undefined for that of the options. */
  readonly expected?: Preprocessing;
  readonly build: (data: SplitImages) => Promise<SourcedModel>;
}

/** A network for the classes of the data. */
export interface SourcedModel {
  readonly model: tf.LayersModel;
  /** The model that it starts from, in words. */
  readonly origin?: string;
}

/** Height and width of the images; throws if they differ. */
export function squareSize({ name, train }: SplitImages): number {
  if (train.height === train.width) return train.height;
  throw new Error(
    `Cannot train: images must be square (see --size), received ${train.height} × ${train.width} in '${name}'`,
  );
}

/** Activation of the output for the data: sigmoid if images may have several labels. */
export function activationFor({ train }: SplitImages): 'softmax' | 'sigmoid' {
  return train.multiHot ? 'sigmoid' : 'softmax';
}
