/**
 * Convolution without bias, batch normalisation and activation: the unit of the multi-branch layers. It pads half of
 * the dilated kernel on every side, as in PyTorch, which keeps the size at stride 1 and gives ⌈i / s⌉ at stride s.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Action } from '../errors.js';
import type { FusedActivation } from '../kernel/fused_activation.js';
import { checkExtent, resolveWindow } from '../kernel/geometry.js';
import { conv2d } from '../ops/conv2d/op.js';
import { depthwiseConv2d } from '../ops/depthwise_conv2d/op.js';
import { composeReads, slidingReads, uniteReads, type AxisReads } from './axis_reads.js';
import {
  createNormalizer,
  normalizeChannels,
  type CreateWeight,
  type NormalizerWeights,
} from './channel_normalizer.js';
import type { WeightOptions } from './config.js';
import { POINTWISE_WINDOW, type ConvolutionWork, type LayerDescription, type LayerWindow } from './description.js';
import type { ImageSize } from './image_layer.js';
import { readingWindow, readsOf } from './reading_window.js';

/** Specification of one unit. */
export interface ConvUnitSpec {
  /** Prefix of its weight names: `⟨name⟩_kernel`, `⟨name⟩_gamma`, …. */
  readonly name: string;
  /** Number of output channels; if absent, the unit is depthwise and keeps the number of channels. */
  readonly filters?: number;
  /** [height, width], both odd. @default [1, 1] */
  readonly kernelSize?: readonly [number, number];
  /** @default 1 */
  readonly stride?: number;
  /** @default 1 */
  readonly dilation?: number;
  /** @default 'relu' */
  readonly activation?: FusedActivation;
}

/** Options that all units of a layer share. */
export interface ConvUnitOptions {
  readonly kernel: WeightOptions;
  readonly momentum: number;
  readonly epsilon: number;
}

/** Work, output size and window of a unit or branch for one image. */
export interface UnitUse extends ImageSize {
  readonly convolutions: readonly ConvolutionWork[];
  readonly otherOps: Required<Pick<NonNullable<LayerDescription['otherOps']>, 'normalization' | 'activation'>>;
  readonly window: LayerWindow;
}

/** Building block of layers: a convolution with its batch normalisation and activation. */
export class ConvUnit {
  private readonly kernelSize: readonly [number, number];
  private readonly stride: number;
  private readonly dilation: number;
  private readonly activation: FusedActivation;
  private kernel!: tf.LayerVariable;
  private normalizer!: NormalizerWeights;

  constructor(
    private readonly spec: ConvUnitSpec,
    private readonly options: ConvUnitOptions,
  ) {
    const { kernelSize = [1, 1], stride = 1, dilation = 1, activation = 'relu' } = spec;
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.dilation = dilation;
    this.activation = activation;
  }

  /** Creates the weights; returns the number of output channels. */
  build(create: CreateWeight, inChannels: number): number {
    const { name, filters } = this.spec;
    const channelShape = filters === undefined ? [inChannels, 1] : [inChannels, filters];
    const kind = filters === undefined ? 'depthwise_kernel' : 'kernel';
    this.kernel = create(`${name}_${kind}`, [...this.kernelSize, ...channelShape], this.options.kernel);
    this.normalizer = createNormalizer(create, `${name}_`, filters ?? inChannels);
    return filters ?? inChannels;
  }

  apply(x: tf.Tensor4D, training: boolean): tf.Tensor4D {
    const filter = this.kernel.read() as tf.Tensor4D;
    const window = { strides: this.stride, dilations: this.dilation, padding: this.padding };
    const y = this.spec.filters === undefined ? depthwiseConv2d(x, filter, window) : conv2d(x, filter, window);
    const { momentum, epsilon } = this.options;
    return normalizeChannels(y, this.normalizer, { momentum, epsilon, activation: this.activation, training });
  }

  describe({ inHeight, inWidth, inChannels }: ImageSize): UnitUse {
    const { kernelSize, stride, dilation, padding } = this;
    const outChannels = this.spec.filters ?? inChannels;
    const size = { inHeight: Math.ceil(inHeight / stride), inWidth: Math.ceil(inWidth / stride) };
    const positions = size.inHeight * size.inWidth;
    const groups = this.spec.filters === undefined ? inChannels : 1;
    const outputElements = positions * outChannels;
    return {
      ...size,
      inChannels: outChannels,
      convolutions: [{ role: 'main', kernelSize, inChannels, outChannels, groups, positions }],
      otherOps: { normalization: outputElements, activation: this.activation === 'linear' ? 0 : outputElements },
      window: readingWindow(
        slidingReads(kernelSize[0], stride, dilation, padding[0]),
        slidingReads(kernelSize[1], stride, dilation, padding[1]),
      ),
    };
  }

  /** Throws if the window covers more pixels of an image [height, width] than kernels can index; returns the output size. */
  resolve(action: Action, size: readonly [number, number]): readonly [number, number] {
    const window = { strides: this.stride, dilations: this.dilation, padding: this.padding };
    checkExtent(action, this.kernelSize, [this.dilation, this.dilation]);
    const { outHeight, outWidth } = resolveWindow(action, size, this.kernelSize, window);
    return [outHeight, outWidth];
  }

  private get padding(): [number, number] {
    return [(this.dilation * (this.kernelSize[0] - 1)) / 2, (this.dilation * (this.kernelSize[1] - 1)) / 2];
  }
}

/** Sequence of units. */
export class ConvBranch {
  private readonly units: readonly ConvUnit[];

  constructor(specs: readonly ConvUnitSpec[], options: ConvUnitOptions) {
    this.units = specs.map((spec) => new ConvUnit(spec, options));
  }

  /** Creates the weights; returns the number of output channels. */
  build(create: CreateWeight, inChannels: number): number {
    return this.units.reduce((channels, unit) => unit.build(create, channels), inChannels);
  }

  apply(x: tf.Tensor4D, training: boolean): tf.Tensor4D {
    return this.units.reduce((features, unit) => unit.apply(features, training), x);
  }

  /** Throws if a window covers more pixels than kernels can index; an unknown size counts as 1. */
  checkWindows(action: Action, height: number | null, width: number | null): void {
    this.units.reduce<readonly [number, number]>((size, unit) => unit.resolve(action, size), [height ?? 1, width ?? 1]);
  }

  describe(image: ImageSize): UnitUse {
    const none = { normalization: 0, activation: 0 };
    const start: UnitUse = { ...image, convolutions: [], otherOps: none, window: POINTWISE_WINDOW };
    return this.units.reduce<UnitUse>((before, unit) => {
      const after = unit.describe(before);
      return {
        ...after,
        convolutions: [...before.convolutions, ...after.convolutions],
        otherOps: addOps(before.otherOps, after.otherOps),
        window: composeWindows(before.window, after.window),
      };
    }, start);
  }
}

/** Parallel branches: their total work and the union of their windows. */
export function describeBranches(uses: readonly UnitUse[]): Required<Omit<LayerDescription, 'windows'>> & {
  readonly window: LayerWindow;
} {
  return {
    convolutions: uses.flatMap(({ convolutions }) => convolutions),
    otherOps: uses.map(({ otherOps }) => otherOps).reduce(addOps),
    window: uses.map(({ window }) => window).reduce(uniteWindows),
  };
}

function addOps(a: UnitUse['otherOps'], b: UnitUse['otherOps']): UnitUse['otherOps'] {
  return { normalization: a.normalization + b.normalization, activation: a.activation + b.activation };
}

/** Window of `second` applied after `first`. */
function composeWindows(first: LayerWindow, second: LayerWindow): LayerWindow {
  const along = (axis: 0 | 1): AxisReads => composeReads(readsOf(first, axis), readsOf(second, axis));
  return readingWindow(along(0), along(1));
}

function uniteWindows(a: LayerWindow, b: LayerWindow): LayerWindow {
  const along = (axis: 0 | 1): AxisReads => uniteReads(readsOf(a, axis), readsOf(b, axis));
  return readingWindow(along(0), along(1));
}
