/**
 * Convolution layer with all features of torch.nn.Conv2d, under Keras's argument names. kernel
 * [kh, kw, inChannels / groups, filters].
 */
import type * as tf from '@tensorflow/tfjs';
import type { PaddingMode } from '../kernel/geometry.js';
import type { LayerWindowOptions, PaddingModeArgs, WindowArgs } from './base_conv.js';
import { FilterConv, type FilterConvArgs } from './filter_conv.js';
import type { HalfImageArgs } from './half_storage.js';

/** Arguments of {@link Conv2D}. */
export interface Conv2DArgs extends FilterConvArgs, WindowArgs, PaddingModeArgs, HalfImageArgs {}

/**
 * Two-dimensional convolution: `activation(conv2d(x, kernel) + bias)`.
 *
 * Unlike `tf.layers.conv2d` it honours `groups`, accepts any padding, and trains with dilation, also combined with
 * strides. Weights: `kernel` [kh, kw, inChannels / groups, filters], `bias` [filters].
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see torch.nn.Conv2d; keras.layers.Conv2D
 * @example
 * ```ts
 * const layer = conv.layers.conv2d({ filters: 8, kernelSize: 3, groups: 2, padding: 1, activation: 'relu' });
 * const y = layer.apply(tf.ones([1, 6, 6, 4]));
 * console.log(y.shape); // [1, 6, 6, 8]
 * ```
 */
export class Conv2D extends FilterConv {
  static override readonly className: string = 'Convolutions>Conv2D';

  readonly paddingMode: PaddingMode;
  protected readonly window: LayerWindowOptions;

  constructor(args: Conv2DArgs) {
    super(args);
    this.window = this.readWindow(args);
    this.paddingMode = this.readPaddingMode(args);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      filters: this.filters,
      ...this.windowConfig(),
      paddingMode: this.paddingMode,
      groups: this.groups,
      precision: this.precision,
      packedImages: this.packedImages,
      ...this.weightConfig('kernel', this.kernelOptions),
      ...super.getConfig(),
    };
  }
}
