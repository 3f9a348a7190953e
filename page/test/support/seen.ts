/** What the package says, in Node on plain JavaScript, of the networks and digits that the page ships. */
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import * as conv from 'tfjs-convolutions';
import { loadModel } from 'tfjs-convolutions/training';

const FOLDER = path.resolve(__dirname, '../../public/models');

export type Side = 'deformable' | 'plain';

export const modelFolder = (side: Side): string => path.join(FOLDER, side);

export const digitFile = (digit: number): string => path.join(FOLDER, 'digits', `${digit}.png`);

export async function onCpu(): Promise<void> {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
}

export async function loadSide(side: Side): Promise<tf.LayersModel> {
  await onCpu();
  return loadModel(modelFolder(side));
}

/** A test digit as networks take it. */
export async function loadDigit(digit: number): Promise<tf.Tensor4D> {
  await onCpu();
  const { data, info } = await sharp(digitFile(digit)).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  const bytes = tf.tensor4d(Float32Array.from(data), [1, info.height, info.width, 1]);
  return bytes.div(127.5).sub(1);
}

/** The network with all offsets 0, whose deformable layers read the grid of plain ones. */
export function withoutOffsets(model: tf.LayersModel): tf.LayersModel {
  for (const layer of model.layers) {
    if (!(layer instanceof conv.DeformableConv2D)) continue;
    const values = layer.getWeights();
    const stay = layer.weights.map(({ originalName }) => !originalName.includes('/offset_'));
    layer.setWeights(values.map((value, index) => (stay[index] ? value : tf.zerosLike(value))));
  }
  return model;
}
