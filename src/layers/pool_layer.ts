/** Base class of pooling layers: a window without weights that slides over each channel separately. */
import type * as tf from '@tensorflow/tfjs';
import type { Padding, Pair } from '../kernel/geometry.js';
import { poolGeometry, readPoolWindow, type Pool2DOptions, type PoolWindow } from '../ops/pool_window.js';
import { isAbsent } from './config.js';
import type { LayerDescription } from './description.js';
import { ImageLayer, type ImageLayerArgs, type Images, type OutputSize } from './image_layer.js';

/** Arguments of every pooling layer. */
export interface PoolArgs extends ImageLayerArgs {
  /** Size of the window in pixels: a number or [height, width]. @default 2 */
  poolSize?: Pair;
  /** Stride of the window in pixels: a number or [height, width]. @default poolSize */
  strides?: Pair | null;
  /** Padding: `'same'`, `'valid'`, a number, [height, width] or [[top, bottom], [left, right]] in pixels. @default 'valid' */
  padding?: Padding;
}

/** Pooling over a sliding window, whatever its reduction. */
export abstract class PoolLayer extends ImageLayer {
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  private readonly window: PoolWindow;

  constructor(args: PoolArgs) {
    super(args);
    const { poolSize, strides, padding } = args;
    this.window = readPoolWindow(this.action, {
      poolSize: poolSize ?? 2,
      padding: padding ?? 'valid',
      ...(isAbsent(strides) ? {} : { strides }),
    });
    this.poolSize = this.window.poolSize;
    this.strides = this.window.strides;
    this.checkOptions(args);
  }

  /** Applies the pooling operator. */
  protected abstract pool(x: tf.Tensor4D, options: Pool2DOptions): tf.Tensor4D;

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const { inHeight, inWidth, inChannels } = this.imageSize(inputShapes);
    const g = poolGeometry(this.action, [1, inHeight, inWidth, inChannels], this.window);
    const { poolSize, strides } = this;
    return {
      otherOps: { pooling: g.outHeight * g.outWidth * inChannels * poolSize[0] * poolSize[1] },
      windows: [{ size: poolSize, strides, padding: [g.padTop, g.padLeft] }],
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { padding } = this.window;
    return {
      poolSize: [...this.poolSize],
      strides: [...this.strides],
      padding: typeof padding === 'string' ? padding : padding.map((sides) => [...sides]),
      ...super.getConfig(),
    };
  }

  protected override compute([x]: Images): tf.Tensor4D {
    return this.pool(x, this.window);
  }

  protected override outputSize(height: number | null, width: number | null, channels: number): OutputSize {
    const size = [height ?? this.poolSize[0], width ?? this.poolSize[1]] as const; // an unknown size counts as one that fits
    const { outHeight, outWidth } = poolGeometry(this.action, [1, ...size, channels], this.window);
    return [height === null ? null : outHeight, width === null ? null : outWidth, channels];
  }
}
