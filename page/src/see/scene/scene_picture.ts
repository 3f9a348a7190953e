/** A scene as a picture that any network can be shown. */
import { SCENE_SIZE, sceneBytes, type DigitScene } from 'tfjs-convolutions/cli/scenes';
import type { Picture } from '../session.js';

/** White on black, pixel by pixel. */
export async function scenePicture(scene: DigitScene): Promise<Picture> {
  const canvas = new OffscreenCanvas(SCENE_SIZE, SCENE_SIZE);
  const image = new ImageData(SCENE_SIZE, SCENE_SIZE);
  sceneBytes(scene).forEach((value, pixel) => {
    image.data.set([value, value, value, 255], 4 * pixel);
  });
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return { source: await canvas.convertToBlob(), name: 'your scene' };
}
