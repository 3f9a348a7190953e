/** Base class of region layers: three inputs [features, boxes, boxIndices], and one grid of bins per box as output. */
import * as tf from '@tensorflow/tfjs';
import { checkNumber, rangeError } from '../errors.js';
import { checkElements } from '../kernel/sizes.js';
import { BaseLayer, toShapes } from './base_layer.js';
import { isAbsent, toDataFormat, type DataFormat, type LayerArgs } from './config.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';
import { fromLast, fromLastShape, knownChannels, toLast, toLastShape, type CallArgs } from './image_layer.js';

/** Arguments of every region layer. */
export interface RoILayerArgs extends LayerArgs {
  /**
   * Scale from box coordinates to feature pixels: 1 / 16 for boxes in pixels of an image 16 times the size of the
   * features. @default 1
   */
  spatialScale?: number;
  /** Data format of the features and of the output. @default 'channelsLast' */
  dataFormat?: DataFormat;
}

/** Inputs of a region layer, channels last. */
export interface Regions {
  /** [n, h, w, c]. */
  readonly x: tf.Tensor4D;
  /** [k, 4], (y1, x1, y2, x2). */
  readonly boxes: tf.Tensor2D;
  /** [k], int32. */
  readonly boxIndices: tf.Tensor1D;
  /** Offsets of the bins, channels last, if they are an input. */
  readonly offset?: tf.Tensor4D;
}

/** Layer that reduces every box of a feature map to a grid of bins. */
export abstract class RoILayer extends BaseLayer {
  readonly spatialScale: number;
  readonly dataFormat: DataFormat;

  constructor(args: RoILayerArgs) {
    super(args);
    this.spatialScale = checkNumber(this.action, 'spatialScale', args.spatialScale ?? 1, { above: 0 });
    this.dataFormat = toDataFormat(this.action, args.dataFormat);
  }

  /** Bins of a box, [height, width]. */
  protected abstract readonly bins: readonly [number, number];

  /** Number of bilinear samples of one bin along each axis; 0 if it depends on the box. */
  protected abstract readonly samples: number;

  /** Pools the features of every box, [k, height, width, channels]. */
  protected abstract pool(regions: Regions): tf.Tensor4D;

  protected abstract outputChannels(inChannels: number): number;

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const [, channels] = this.readShapes(inputShape);
    this.computeOutputShape(inputShape);
    this.buildWeights?.(channels);
    this.inputSpec = [
      new tf.InputSpec({ ndim: 4, axes: { [this.dataFormat === 'channelsFirst' ? 1 : 3]: channels } }),
      new tf.InputSpec({ ndim: 2, axes: { 1: 4 } }),
      new tf.InputSpec({ minNDim: 1, maxNDim: 2 }),
      ...toShapes(inputShape)
        .slice(3)
        .map(() => new tf.InputSpec({ ndim: 4 })),
    ];
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArgs): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [x, boxes, indices, offset] = inputs as [tf.Tensor4D, tf.Tensor2D, tf.Tensor, tf.Tensor4D?];
      const regions = { x: toLast(x, this.dataFormat), boxes, boxIndices: tf.reshape<tf.Rank.R1>(indices, [-1]) };
      const moved = offset && { offset: toLast(offset, this.dataFormat) };
      return fromLast(this.pool({ ...regions, ...moved }), this.dataFormat);
    });
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [boxCount, channels] = this.readShapes(inputShape);
    const shape = [boxCount, ...this.bins, this.outputChannels(channels)];
    checkElements(this.action, 'output', shape);
    return fromLastShape(shape, this.dataFormat);
  }

  /**
   * Describes the work for as many boxes as the shapes give; a number of samples that depends on the box counts as one.
   */
  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const [boxCount, channels] = this.readShapes([...inputShapes]);
    const read = (boxCount ?? 1) * this.bins[0] * this.bins[1] * this.outputChannels(channels);
    return {
      otherOps: { sampling: read * Math.max(this.samples, 1) ** 2 },
      windows: [{ ...POINTWISE_WINDOW, global: true, dataDependent: true }],
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { spatialScale: this.spatialScale, dataFormat: this.dataFormat, ...super.getConfig() };
  }

  /** Creates the weights, if any. */
  protected buildWeights?(inChannels: number): void;

  /** Number of boxes and number of channels. */
  protected readShapes(inputShape: tf.Shape | tf.Shape[]): [number | null, number] {
    const shapes = toShapes(inputShape);
    const [features, boxes, indices] = shapes;
    const fits = shapes.length === 3 && boxes?.length === 2 && boxes[1] === 4;
    if (!fits || isAbsent(indices) || (indices.length !== 1 && !(indices.length === 2 && indices[1] === 1))) {
      const rule = 'inputs must be [features, boxes [k, 4], boxIndices [k] or [k, 1]]';
      throw rangeError(this.action, rule, 'input shapes', shapes);
    }
    const shape = toLastShape(this.action, features!, this.dataFormat);
    return [boxes[0] ?? null, knownChannels(this.action, shape, features)];
  }

  /** Number of output channels of a position-sensitive feature map. */
  protected positionSensitive(inChannels: number, bins: number): number {
    if (inChannels % bins === 0) return inChannels / bins;
    const rule = `the input channels must be a multiple of the ${bins} bins`;
    throw rangeError(this.action, rule, 'input channels', inChannels);
  }
}
