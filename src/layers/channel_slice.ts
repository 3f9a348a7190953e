/** Channel slice layer, which TensorFlow.js lacks: it has only the operator. No weights. */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError } from '../errors.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';
import { ImageLayer, type ImageLayerArgs, type Images, type OutputSize } from './image_layer.js';

/** Arguments of {@link ChannelSlice}. */
export interface ChannelSliceArgs extends ImageLayerArgs {
  /** Index of the first channel, from 0. @default 0 */
  start?: number;
  /** Number of channels. */
  size: number;
}

/**
 * Takes `size` consecutive channels from channel `start`; two such layers split the channels as ShuffleNet V2 does.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError if the input has fewer channels
 * @see Ma et al., "ShuffleNet V2" (2018), section 3
 * @example
 * ```ts
 * const layer = conv.layers.channelSlice({ start: 1, size: 2 });
 * console.log(layer.apply(tf.tensor4d([[[[5, 6, 7, 8]]]])).flatten().arraySync()); // [6, 7]
 * ```
 */
export class ChannelSlice extends ImageLayer {
  static override readonly className: string = 'Convolutions>ChannelSlice';
  static override readonly dtypes: readonly tf.DataType[] = ['float32', 'int32', 'bool'];

  readonly start: number;
  readonly size: number;

  constructor(args: ChannelSliceArgs) {
    super(args);
    this.start = checkInteger(this.action, 'start', args.start ?? 0, 0);
    this.size = checkInteger(this.action, 'size', args.size, 1);
    this.checkOptions(args);
  }

  describe(): LayerDescription {
    return { windows: [POINTWISE_WINDOW] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { start: this.start, size: this.size, ...super.getConfig() };
  }

  protected override compute([x]: Images): tf.Tensor4D {
    return tf.slice(x, [0, 0, 0, this.start], [-1, -1, -1, this.size]);
  }

  protected override outputSize(height: number | null, width: number | null, channels: number): OutputSize {
    if (this.start + this.size > channels) {
      const rule = `start + size must be at most the number of input channels (${channels})`;
      throw rangeError(this.action, rule, 'start + size', this.start + this.size);
    }
    return [height, width, this.size];
  }
}
