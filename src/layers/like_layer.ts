/** Base class of layers that bring an image to the height and width of another: inputs [x, like]. */
import type * as tf from '@tensorflow/tfjs';
import { typeError } from '../errors.js';
import { toShapes } from './base_layer.js';
import type { LayerWindow } from './description.js';
import { fromLastShape, ImageLayer, toLastShape, type OutputSize } from './image_layer.js';

/** Window of the second input, of which only the size matters. */
export const SIZE_WINDOW = {
  size: [1, 1],
  strides: [1, 1],
  padding: [0, 0],
  sizeOnly: true,
} as const satisfies LayerWindow;

/** Layer with inputs [x, like] whose output has the height and width of `like`. */
export abstract class LikeLayer extends ImageLayer {
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [x, like] = toShapes(inputShape);
    if (x === undefined || like === undefined) {
      throw typeError(this.action, 'the inputs must be [x, like]', 'input shapes', inputShape);
    }
    const [batch = null, , , channels = null] = toLastShape(this.action, x, this.dataFormat);
    const [, height = null, width = null] = toLastShape(this.action, like, this.dataFormat);
    return super.computeOutputShape(fromLastShape([batch, height, width, channels], this.dataFormat));
  }

  protected override outputSize(height: number | null, width: number | null, channels: number): OutputSize {
    return [height, width, channels];
  }
}
