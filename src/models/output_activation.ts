import * as tf from '@tensorflow/tfjs';

/** Activation of the last layer of a model, such as `'softmax'`; undefined if it has none. */
export function outputActivation(model: tf.LayersModel): string | undefined {
  const { sourceLayer } = model.outputs[0]!;
  if (sourceLayer instanceof tf.LayersModel) return outputActivation(sourceLayer);
  if (sourceLayer.getClassName() === 'Softmax') return 'softmax';
  const { activation } = sourceLayer.getConfig();
  return typeof activation === 'string' ? activation : undefined;
}
