/** Grouped convolution: {@link Conv2D} with `groups` required. kernel [kh, kw, inChannels / groups, filters]. */
import { checkInteger } from '../errors.js';
import { Conv2D, type Conv2DArgs } from './conv2d.js';

/** Arguments of {@link GroupedConv2D}: those of {@link Conv2D}, with `groups` required. */
export interface GroupedConv2DArgs extends Conv2DArgs {
  /** Number of independent channel groups; divides the input channels and `filters`. */
  groups: number;
}

/**
 * Grouped convolution: splits the channels into `groups` parts, each convolved with filters of its own. Its cost is 1 /
 * groups of a full convolution. Follow it with a {@link ChannelShuffle} to mix the groups.
 *
 * Weights: `kernel` [kh, kw, inChannels / groups, filters], `bias` [filters].
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks" (2012), section 3.2; Xie et al.,
 * "Aggregated Residual Transformations" (2017), section 3.3
 * @example
 * ```ts
 * const layer = conv.layers.groupedConv2d({ filters: 8, kernelSize: 3, groups: 4, padding: 'same' });
 * const y = layer.apply(tf.ones([1, 6, 6, 8]));
 * console.log(y.shape, layer.countParams()); // [1, 6, 6, 8] 152
 * ```
 */
export class GroupedConv2D extends Conv2D {
  static override readonly className: string = 'Convolutions>GroupedConv2D';

  constructor(args: GroupedConv2DArgs) {
    super(args);
    checkInteger(this.action, 'groups', args.groups, 1);
  }
}
