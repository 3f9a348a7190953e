/** Channel shuffle layer: distributes the channels of each group over all groups. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError } from '../errors.js';
import { channelShuffle } from '../ops/channel_shuffle/op.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';
import { ImageLayer, type ImageLayerArgs, type Images, type OutputSize } from './image_layer.js';

/** Arguments of {@link ChannelShuffle}. */
export interface ChannelShuffleArgs extends ImageLayerArgs {
  /** Number of groups of the preceding convolution; divides the channels. */
  groups: number;
}

/**
 * Reorders the channels so that every group of the next grouped convolution reads channels of all groups: output
 * channel c·groups + g is input channel g·(channels / groups) + c.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError if groups do not divide the channels
 * @see Zhang et al., "ShuffleNet" (2017), section 3.1
 * @example
 * ```ts
 * const layer = conv.layers.channelShuffle({ groups: 2 });
 * const y = layer.apply(tf.tensor4d([1, 2, 3, 4], [1, 1, 1, 4]));
 * console.log(y.reshape([-1]).arraySync()); // [1, 3, 2, 4]
 * ```
 */
export class ChannelShuffle extends ImageLayer {
  static override readonly className: string = 'Convolutions>ChannelShuffle';

  readonly groups: number;

  constructor(args: ChannelShuffleArgs) {
    super(args);
    this.groups = checkInteger(this.action, 'groups', args.groups, 1);
    this.checkOptions(args);
  }

  describe(): LayerDescription {
    return { windows: [POINTWISE_WINDOW] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { groups: this.groups, ...super.getConfig() };
  }

  protected override compute([x]: Images): tf.Tensor4D {
    return channelShuffle(x, this.groups);
  }

  protected override outputSize(height: number | null, width: number | null, channels: number): OutputSize {
    if (channels % this.groups !== 0) {
      throw rangeError(this.action, `groups must divide the input channels (${channels})`, 'groups', this.groups);
    }
    return [height, width, channels];
  }
}
