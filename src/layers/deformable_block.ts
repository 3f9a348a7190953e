/**
 * Base class of the DCNv3 and DCNv4 blocks: input projection, sampling at predicted locations with predicted weights,
 * output projection. All projections are 1×1 convolutions with bias. Taps are row-major and offsets (y, x), whereas the
 * original weights are column-major and (x, y).
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError } from '../errors.js';
import { checkExtent, resolveWindow, toPair, type Pair } from '../kernel/geometry.js';
import { conv2d } from '../ops/conv2d/op.js';
import { deformConv2dV3 } from '../ops/deform_conv2d_v3/op.js';
import { slidingReads } from './axis_reads.js';
import {
  toBoolean,
  toNumber,
  type InitializerIdentifier,
  type RegularizerIdentifier,
  type WeightOptions,
} from './config.js';
import type { ConvolutionWork, DeformableLayer, LayerDescription, TapLocations } from './description.js';
import { ImageLayer, type ImageLayerArgs, type ImageSize, type Images, type OutputSize } from './image_layer.js';
import { readingWindow } from './reading_window.js';

/** Arguments of both blocks. */
export interface DeformableBlockArgs extends ImageLayerArgs {
  /** Size of the sampling grid in taps, odd. @default 3 */
  kernelSize?: Pair;
  /** Stride of the window, in input pixels. @default 1 */
  strides?: Pair;
  /** Spacing between taps, in input pixels. @default 1 */
  dilationRate?: Pair;
  /** Number of channel groups, each with its own offsets and weights; divides the channels. @default 4 */
  groups?: number;
  /** Scale of the sampling grid and the offsets around the centre of the window. @default 1 */
  offsetScale?: number;
  /** Whether to omit the centre tap. @default false */
  removeCenter?: boolean;
  /** Whether to blend the projected input into the samples by one gate per group; requires strides of 1. @default false */
  centerFeatureScale?: boolean;
  /** Initializer of the projection kernels. @default 'glorotUniform' */
  kernelInitializer?: InitializerIdentifier;
  /** Regularizer of the projection kernels. @default none */
  kernelRegularizer?: RegularizerIdentifier;
}

/** A 1×1 convolution with bias. */
export interface Projection {
  readonly kernel: tf.LayerVariable;
  readonly bias: tf.LayerVariable | undefined;
}

/** Input and output sizes of one call of the block. */
interface BlockUse extends ImageSize {
  readonly outHeight: number;
  readonly outWidth: number;
}

/** Deformable block in which everything but the sampling itself is shared by DCNv3 and DCNv4. */
export abstract class DeformableBlock extends ImageLayer implements DeformableLayer {
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilationRate: readonly [number, number];
  readonly groups: number;
  readonly offsetScale: number;
  readonly removeCenter: boolean;
  readonly centerFeatureScale: boolean;
  protected readonly kernelOptions: WeightOptions;
  protected readonly zeros: WeightOptions;
  private offset!: Projection;
  private mask!: Projection;
  private centerProjection: Projection | undefined;

  constructor(args: DeformableBlockArgs) {
    super(args);
    const { action } = this;
    this.kernelSize = this.readOdd('kernelSize', args.kernelSize ?? 3);
    this.strides = toPair(action, 'strides', args.strides ?? 1, 1);
    this.dilationRate = toPair(action, 'dilationRate', args.dilationRate ?? 1, 1);
    checkExtent(action, this.kernelSize, this.dilationRate);
    this.groups = checkInteger(action, 'groups', args.groups ?? 4, 1);
    this.offsetScale = toNumber(action, 'offsetScale', args.offsetScale, 1, 0);
    this.removeCenter = toBoolean(action, 'removeCenter', args.removeCenter, false);
    this.centerFeatureScale = toBoolean(action, 'centerFeatureScale', args.centerFeatureScale, false);
    if (this.centerFeatureScale && this.strides.some((stride) => stride !== 1)) {
      throw rangeError(action, 'centerFeatureScale requires strides of 1', 'strides', this.strides);
    }
    this.kernelOptions = this.readWeightOptions(args, 'kernel', 'glorotUniform');
    this.zeros = this.readWeightOptions({}, 'zeros', 'zeros');
  }

  /** True if a softmax normalises the weights of each group's taps. */
  protected abstract readonly softmax: boolean;

  /** Creates the weights that come before those of offsets and mask. */
  protected abstract buildInput(channels: number): void;

  /** Creates the weights that come after those of offsets and mask. */
  protected abstract buildOutput(channels: number): void;

  /** Stride from the guide features to output positions. */
  protected abstract readonly guideStrides: Pair;

  /** Computes the feature map to sample and the guide features, from which offsets and mask are predicted. */
  protected abstract prepare(x: tf.Tensor4D): readonly [value: tf.Tensor4D, guide: tf.Tensor4D];

  /** Maps the samples to the output. */
  protected abstract finish(samples: tf.Tensor4D): tf.Tensor4D;

  /** Features from which the centre gate is predicted. */
  protected abstract gateFeatures(samples: tf.Tensor4D, guide: tf.Tensor4D): tf.Tensor4D;

  /** Work besides offsets, mask, gate and sampling. */
  protected abstract describeRest(use: BlockUse): Pick<LayerDescription, 'convolutions' | 'otherOps'>;

  /** Number of channel groups with their own sampling locations: `groups`. */
  get offsetGroups(): number {
    return this.groups;
  }

  /**
   * Sampling locations of the taps for the given input: i·stride + ((a − ⌊kernel / 2⌋)·dilation + Δy)·offsetScale, x
   * alike.
   *
   * @param inputs x in the layer's data format
   * @returns locations in pixels of x, last axis (group, tap row-major, (y, x)), and the weights, channels last
   */
  tapLocations(inputs: tf.Tensor | tf.Tensor[]): TapLocations {
    const [locations, weights] = tf.tidy(() => {
      const [x] = this.toImages(inputs);
      const [, guide] = this.prepare(x);
      const [offset, mask] = this.predictTaps(guide);
      const [n, height, width] = offset.shape;
      const taps = tf.add(tf.mul(offset, this.offsetScale), this.gridLocations(height, width));
      if (!this.softmax) return [taps, tf.clone(mask)];
      const normalized = tf.softmax(tf.reshape(mask, [n, height, width, this.groups, this.taps]));
      return [taps, tf.reshape(normalized, mask.shape)];
    }) as [tf.Tensor4D, tf.Tensor4D];
    return { locations, weights };
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const image = this.imageSize(inputShapes);
    const { inChannels } = image;
    const [outHeight, outWidth] = this.outputSize(image.inHeight, image.inWidth, inChannels) as [
      number,
      number,
      number,
    ];
    const positions = outHeight * outWidth;
    const rest = this.describeRest({ ...image, outHeight, outWidth });
    const linear = (role: ConvolutionWork['role'], outChannels: number): ConvolutionWork => {
      return { role, kernelSize: [1, 1], inChannels, outChannels, groups: 1, positions };
    };
    const predicted = this.groups * this.taps;
    const gates = this.centerFeatureScale ? this.groups : 0;
    return {
      convolutions: [
        ...(rest.convolutions ?? []),
        linear('offset', predicted * 2),
        linear('offset', predicted),
        ...(gates > 0 ? [linear('main', gates)] : []),
      ],
      otherOps: {
        ...rest.otherOps,
        bias: (rest.otherOps?.bias ?? 0) + positions * (predicted * 3 + gates),
        activation: (rest.otherOps?.activation ?? 0) + positions * (gates + (this.softmax ? predicted : 0)),
        sampling: positions * this.taps * inChannels,
      },
      windows: [
        {
          ...readingWindow(
            slidingReads(this.kernelSize[0], this.strides[0], this.dilationRate[0], this.padding[0]),
            slidingReads(this.kernelSize[1], this.strides[1], this.dilationRate[1], this.padding[1]),
          ),
          dataDependent: true,
        },
      ],
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { kernelInitializer, kernelRegularizer } = this.weightConfig('kernel', this.kernelOptions);
    return {
      kernelSize: [...this.kernelSize],
      strides: [...this.strides],
      dilationRate: [...this.dilationRate],
      groups: this.groups,
      offsetScale: this.offsetScale,
      removeCenter: this.removeCenter,
      centerFeatureScale: this.centerFeatureScale,
      kernelInitializer: kernelInitializer!,
      kernelRegularizer: kernelRegularizer!,
      ...super.getConfig(),
    };
  }

  protected override buildWeights(channels: number): void {
    if (channels % this.groups !== 0) {
      throw rangeError(this.action, `groups must divide the input channels (${channels})`, 'groups', this.groups);
    }
    this.buildInput(channels);
    this.offset = this.createProjection('offset', channels, this.groups * this.taps * 2, this.zeros);
    this.mask = this.createProjection('mask', channels, this.groups * this.taps, this.zeros);
    if (this.centerFeatureScale) {
      this.centerProjection = this.createProjection('center', channels, this.groups, this.zeros);
    }
    this.buildOutput(channels);
  }

  protected override compute([x]: Images): tf.Tensor4D {
    const [value, guide] = this.prepare(x);
    const samples = deformConv2dV3(value, ...this.predictTaps(guide), {
      kernelSize: this.kernelSize,
      strides: this.strides,
      padding: this.padding,
      dilations: this.dilationRate,
      groups: this.groups,
      offsetScale: this.offsetScale,
      removeCenter: this.removeCenter,
      softmax: this.softmax,
    });
    if (this.centerProjection === undefined) return this.finish(samples);
    const gate = tf.sigmoid(project(this.gateFeatures(samples, guide), this.centerProjection));
    return this.finish(this.blend(samples, value, gate));
  }

  protected override outputSize(height: number | null, width: number | null, channels: number): OutputSize {
    const { strides, padding, dilationRate: dilations } = this;
    const size = [height ?? 1, width ?? 1] as const;
    const window = resolveWindow(this.action, size, this.kernelSize, { strides, padding, dilations });
    return [height === null ? null : window.outHeight, width === null ? null : window.outWidth, channels];
  }

  protected createProjection(name: string, from: number, to: number, options: WeightOptions, bias = true): Projection {
    return {
      kernel: this.createWeight(`${name}_kernel`, [1, 1, from, to], options),
      bias: bias ? this.createWeight(`${name}_bias`, [to], this.zeros) : undefined,
    };
  }

  protected readOdd(name: string, size: Pair): readonly [number, number] {
    const pair = toPair(this.action, name, size, 1);
    if (pair.every((taps) => taps % 2 === 1)) return pair;
    throw rangeError(this.action, `${name} must be odd`, name, pair);
  }

  /** Padding of half of the dilated kernel on every side: the output is ⌈i / s⌉. */
  protected get padding(): readonly [number, number] {
    const along = (axis: 0 | 1): number => (this.dilationRate[axis] * (this.kernelSize[axis] - 1)) / 2;
    return [along(0), along(1)];
  }

  private get taps(): number {
    return this.kernelSize[0] * this.kernelSize[1] - (this.removeCenter ? 1 : 0);
  }

  /** Predicts offsets and mask in the layout of the operator. */
  private predictTaps(guide: tf.Tensor4D): [tf.Tensor4D, tf.Tensor4D] {
    const predict = (to: Projection): tf.Tensor4D => project(guide, to, this.guideStrides);
    return [predict(this.offset), predict(this.mask)];
  }

  /** Sampling locations at zero offsets, [outH, outW, groups · taps · 2]. */
  private gridLocations(outHeight: number, outWidth: number): tf.Tensor3D {
    const [kernelHeight, kernelWidth] = this.kernelSize;
    const along = (axis: 0 | 1, tap: number): number =>
      (tap - (this.kernelSize[axis] - 1) / 2) * this.dilationRate[axis] * this.offsetScale;
    const grid: [number, number][] = [];
    for (let a = 0; a < kernelHeight; a++) {
      for (let b = 0; b < kernelWidth; b++) {
        const isCenter = 2 * a === kernelHeight - 1 && 2 * b === kernelWidth - 1;
        if (!(this.removeCenter && isCenter)) grid.push([along(0, a), along(1, b)]);
      }
    }
    const values: number[] = [];
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let group = 0; group < this.groups; group++) {
          for (const [y, x] of grid) values.push(i * this.strides[0] + y, j * this.strides[1] + x);
        }
      }
    }
    return tf.tensor3d(values, [outHeight, outWidth, this.groups * this.taps * 2]);
  }

  /** Blends: samples · (1 − gate) + value · gate, with one gate for all channels of a group. */
  private blend(samples: tf.Tensor4D, value: tf.Tensor4D, gate: tf.Tensor4D): tf.Tensor4D {
    const grouped = [-1, this.groups, value.shape[3] / this.groups];
    const [sampled, center] = [tf.reshape(samples, grouped), tf.reshape(value, grouped)];
    const mixed = tf.add(sampled, tf.mul(tf.sub(center, sampled), tf.reshape(gate, [-1, this.groups, 1])));
    return tf.reshape(mixed, samples.shape);
  }
}

/** Applies a 1×1 convolution with its bias. */
export function project(x: tf.Tensor4D, { kernel, bias }: Projection, strides: Pair = 1): tf.Tensor4D {
  return conv2d(x, kernel.read() as tf.Tensor4D, { bias: bias?.read() as tf.Tensor1D | undefined, strides });
}
