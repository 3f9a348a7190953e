/** RoIAlign layer: bilinear samples averaged over the bins of every box. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { toPair, type Pair } from '../kernel/geometry.js';
import { MOST_SAMPLES } from '../ops/roi/geometry.js';
import { roiAlign } from '../ops/roi_align/op.js';
import { toBoolean } from './config.js';
import { RoILayer, type Regions, type RoILayerArgs } from './roi_layer.js';

/** Arguments of {@link RoIAlign}. */
export interface RoIAlignArgs extends RoILayerArgs {
  /** Number of bins of a box, a number or [height, width]. */
  outputSize: Pair;
  /** Number of samples of a bin along each axis; 0 for one per pixel of the bin, rounded up. @default 0 */
  samplingRatio?: number;
  /** Whether to shift boxes by half a pixel, so that [0, 0, 1, 1] is exactly the first pixel. @default false */
  aligned?: boolean;
}

/**
 * Pools every box on a grid of bins; each bin averages bilinear samples.
 *
 * Inputs: features [n, h, w, channels], boxes [k, 4] as (y1, x1, y2, x2), and the image index of each box, boxIndices
 * [k] or [k, 1], int32. Output: [k, height, width, channels]. Call a model with this layer through `apply`, or predict
 * with a `batchSize` that covers the whole batch: otherwise boxes and images are split apart. The boxes receive no
 * gradient.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range or incompatible shapes
 * @see He et al., "Mask R-CNN" (2017), section 3; torchvision.ops.RoIAlign
 * @example
 * ```ts
 * const layer = conv.layers.roiAlign({ outputSize: 2, samplingRatio: 2 });
 * const y = layer.apply([tf.ones([1, 8, 8, 3]), tf.tensor2d([[0, 0, 6, 6]]), tf.tensor1d([0], 'int32')]);
 * console.log(y.shape); // [1, 2, 2, 3]
 * ```
 */
export class RoIAlign extends RoILayer {
  static override readonly className: string = 'Convolutions>RoIAlign';

  readonly samplingRatio: number;
  readonly aligned: boolean;
  protected readonly bins: readonly [number, number];

  constructor(args: RoIAlignArgs) {
    super(args);
    this.bins = toPair(this.action, 'outputSize', args.outputSize, 1);
    this.samplingRatio = checkInteger(this.action, 'samplingRatio', args.samplingRatio ?? 0, 0, MOST_SAMPLES);
    this.aligned = toBoolean(this.action, 'aligned', args.aligned, false);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      outputSize: [...this.bins],
      samplingRatio: this.samplingRatio,
      aligned: this.aligned,
      ...super.getConfig(),
    };
  }

  protected override get samples(): number {
    return this.samplingRatio;
  }

  protected override pool({ x, boxes, boxIndices }: Regions): tf.Tensor4D {
    const { bins, spatialScale, samplingRatio, aligned } = this;
    return roiAlign(x, boxes, boxIndices, { outputSize: bins, spatialScale, samplingRatio, aligned });
  }

  protected override outputChannels(inChannels: number): number {
    return inChannels;
  }
}
