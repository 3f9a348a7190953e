/** Dilated (atrous) convolution: {@link Conv2D} with the usual defaults of such layers. */
import type { WindowDefaults } from './base_conv.js';
import { Conv2D, type Conv2DArgs } from './conv2d.js';

/** Arguments of {@link DilatedConv2D}: those of {@link Conv2D}, with `dilationRate` 2 and padding `'same'` by default. */
export type DilatedConv2DArgs = Conv2DArgs;

/**
 * Convolution with taps `dilationRate` pixels apart, 2 by default, whose output is as large as its input
 * (`padding: 'same'` by default). It trains, unlike tfjs's own layers with a dilation above 1.
 *
 * Weights: `kernel` [kh, kw, inChannels / groups, filters], `bias` [filters].
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Yu and Koltun, "Multi-Scale Context Aggregation by Dilated Convolutions" (2016), section 2
 * @example
 * ```ts
 * const layer = conv.layers.dilatedConv2d({ filters: 4, kernelSize: 3, dilationRate: 3 });
 * const y = layer.apply(tf.ones([1, 9, 9, 2]));
 * console.log(y.shape); // [1, 9, 9, 4]
 * ```
 */
export class DilatedConv2D extends Conv2D {
  static override readonly className: string = 'Convolutions>DilatedConv2D';

  protected override get windowDefaults(): WindowDefaults {
    return { padding: 'same', dilationRate: 2 };
  }
}
