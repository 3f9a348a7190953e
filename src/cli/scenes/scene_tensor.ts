/** Images of scenes as networks take them. */
import * as tf from '@tensorflow/tfjs';
import { SCENE_SIZE, sceneBytes, type DigitScene } from './digit_scenes.js';

/** The image of a scene, [1, SCENE_SIZE, SCENE_SIZE, 1]. */
export function sceneTensor(scene: DigitScene): tf.Tensor4D {
  return tf.tensor4d(
    sceneBytes(scene).map((value) => value / 127.5 - 1),
    [1, SCENE_SIZE, SCENE_SIZE, 1],
  );
}
