/** Grouped convolution: {@link Conv2D} that does not forget its groups. kernel [kh, kw, inChannels / groups, filters]. */
import { checkInteger } from '../errors.js';
import { Conv2D, type Conv2DArgs } from './conv2d.js';

/** Arguments of {@link GroupedConv2D}: those of {@link Conv2D}, of which `groups` must be given. */
export interface GroupedConv2DArgs extends Conv2DArgs {
  /** Channel groups that do not see each other; divides the input channels and `filters`. */
  groups: number;
}

/**
 * Convolution in groups: the channels are cut into `groups` parts, each with its share of the filters, which see that
 * part alone. It costs 1 / groups of a full convolution. A {@link ChannelShuffle} mixes the groups afterwards.
 *
 * Weights: `kernel` [kh, kw, inChannels / groups, filters], `bias` [filters].
 *
 * @throws TypeError for an unknown option or a wrong kind; RangeError for a value out of range
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
