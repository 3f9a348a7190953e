/** Base class of padding layers; a subclass sets the padding mode. */
import type * as tf from '@tensorflow/tfjs';
import { typeError } from '../errors.js';
import { normalizePadding, type PaddingMode } from '../kernel/geometry.js';
import { checkBorder } from '../ops/pad_image/border.js';
import type { Sides } from '../ops/pad_image/kernels.js';
import { padImage } from '../ops/pad_image/op.js';
import type { LayerDescription } from './description.js';
import { ImageLayer, type ImageLayerArgs, type Images, type OutputSize } from './image_layer.js';

/** Arguments of every padding layer. */
export interface PadArgs extends ImageLayerArgs {
  /** Padding in pixels: a number for all sides, [height, width] or [[top, bottom], [left, right]]. @default 1 */
  padding?: number | readonly [number, number] | readonly [readonly [number, number], readonly [number, number]];
}

/** Layer that pads height and width in a fixed mode. */
export abstract class PadLayer extends ImageLayer {
  readonly padding: Sides;

  constructor(args: PadArgs) {
    super(args);
    const padding = normalizePadding(this.action, args.padding ?? 1);
    if (typeof padding === 'string') {
      throw typeError(
        this.action,
        'padding must be a number of pixels, [height, width] or [[top, bottom], [left, right]]',
        'padding',
        padding,
      );
    }
    this.padding = padding;
    this.checkOptions(args);
  }

  /** How to pad the image. */
  protected abstract readonly mode: Exclude<PaddingMode, 'zeros'>;

  describe(): LayerDescription {
    const [[top], [left]] = this.padding;
    return { windows: [{ size: [1, 1], strides: [1, 1], padding: [top, left] }] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { padding: this.padding.map((sides) => [...sides]), ...super.getConfig() };
  }

  protected override compute([x]: Images): tf.Tensor4D {
    return padImage(this.action, x, this.padding, this.mode);
  }

  protected override outputSize(height: number | null, width: number | null, channels: number): OutputSize {
    const [y, x] = [height, width].map((size, axis) => {
      if (size === null) return null;
      const sides = this.padding[axis as 0 | 1];
      checkBorder(this.action, size, sides, this.mode);
      return size + sides[0] + sides[1];
    }) as [number | null, number | null];
    return [y, x, channels];
  }
}
