/** Convolution with a 1×1 kernel. kernel [1, 1, inChannels / groups, filters]. */
import type * as tf from '@tensorflow/tfjs';
import type { PaddingMode } from '../kernel/geometry.js';
import type { LayerWindowOptions } from './base_conv.js';
import { FilterConv, type FilterConvArgs } from './filter_conv.js';
import type { HalfImageArgs } from './half_storage.js';

/** Arguments of {@link PointwiseConv2D}. */
export interface PointwiseConv2DArgs extends FilterConvArgs, HalfImageArgs {}

/**
 * 1×1 convolution: mixes the channels of every position. With a stride it reads every stride-th position.
 *
 * Weights: `kernel` [1, 1, inChannels / groups, filters], `bias` [filters].
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Lin et al., "Network In Network" (2014), section 3; Howard et al., "MobileNets" (2017), section 3.1
 * @example
 * ```ts
 * const layer = conv.layers.pointwiseConv2d({ filters: 6, useBias: false });
 * const y = layer.apply(tf.ones([1, 5, 5, 3]));
 * console.log(y.shape); // [1, 5, 5, 6]
 * ```
 */
export class PointwiseConv2D extends FilterConv {
  static override readonly className: string = 'Convolutions>PointwiseConv2D';

  readonly paddingMode: PaddingMode = 'zeros';
  protected readonly window: LayerWindowOptions = { kernelSize: [1, 1], padding: 'valid', dilationRate: [1, 1] };

  constructor(args: PointwiseConv2DArgs) {
    super(args);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      filters: this.filters,
      groups: this.groups,
      precision: this.precision,
      packedImages: this.packedImages,
      ...this.weightConfig('kernel', this.kernelOptions),
      ...super.getConfig(),
    };
  }
}
