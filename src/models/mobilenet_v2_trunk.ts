/**
 * MobileNetV2 up to its last block (Sandler et al. 2018, Table 2): the trunk of classification, segmentation and
 * detection networks, optionally with dilation instead of the last strides for heads that need larger feature maps.
 */
import type * as tf from '@tensorflow/tfjs';
import { toMultipleOf8 } from '../layers/multiple_of_8.js';
import { layers } from '../layers/registry.js';
import {
  apply,
  channelsOf,
  deformationAt,
  evenZeros,
  normalizeAndActivate,
  passThrough,
  type Normalization,
} from './blocks.js';
import { addInvertedResidual } from './inverted_residual.js';
import type { Classifier } from './options.js';

/** One row of the paper's Table 2: `repeats` blocks, the first of which has the stride. */
interface TableRow {
  /** Ratio of inner channels to input channels; the first block has no expansion convolution. */
  readonly expansion: 1 | 6;
  readonly channels: number;
  readonly repeats: number;
  readonly strides: 1 | 2;
}

/** One layer that may have stride 2: the first convolution or a block. */
export interface TrunkRow {
  /** 0 for the first convolution. */
  readonly expansion: 0 | 1 | 6;
  readonly channels: number;
  readonly strides: 1 | 2;
  /** @default 1 */
  readonly dilation?: number;
}

const STEM = { expansion: 0, channels: 32, strides: 2 } as const satisfies TrunkRow;

const TABLE = [
  { expansion: 1, channels: 16, repeats: 1, strides: 1 },
  { expansion: 6, channels: 24, repeats: 2, strides: 2 },
  { expansion: 6, channels: 32, repeats: 3, strides: 2 },
  { expansion: 6, channels: 64, repeats: 4, strides: 2 },
  { expansion: 6, channels: 96, repeats: 3, strides: 1 },
  { expansion: 6, channels: 160, repeats: 3, strides: 2 },
  { expansion: 6, channels: 320, repeats: 1, strides: 1 },
] as const satisfies readonly TableRow[];

/** The first convolution and the 17 blocks. */
export const ROWS: readonly TrunkRow[] = [
  STEM,
  ...(TABLE as readonly TableRow[]).flatMap(({ repeats, strides, ...row }) =>
    Array.from({ length: repeats }, (_, index) => ({ ...row, strides: index === 0 ? strides : (1 as const) })),
  ),
];

/** Epsilon and momentum of the normalisations in each library. */
export const NORMALIZATIONS = {
  keras: { epsilon: 1e-3, momentum: 0.999 },
  torchvision: { epsilon: 1e-5, momentum: 0.9 },
  timm: { epsilon: 1e-5, momentum: 0.9 },
} as const;

/** Number of blocks, whose depthwise convolutions can be deformable. */
export const BLOCKS = ROWS.length - 1;

/** Options of a trunk. */
export interface TrunkOptions {
  readonly alpha: number;
  readonly rows: readonly TrunkRow[];
  readonly deformable: Pick<Classifier, 'firstDeformable' | 'modulated'>;
  readonly normalization: Normalization;
  /** Whether to zero-pad explicitly before stride 2, by layers named as in Keras. @default false */
  readonly padded?: boolean;
  /** True if stride-2 layers pad both ends alike. @default false */
  readonly evenPadding?: boolean;
  /** Whether to end the last block at its last convolution, without normalisation. @default false */
  readonly bare?: boolean;
}

/** Output of a trunk, and the inner outputs that heads read. */
export interface Trunk {
  readonly output: tf.SymbolicTensor;
  /** Outputs by the names of the layers that end in `_relu`. */
  readonly activated: ReadonlyMap<string, tf.SymbolicTensor>;
}

/** Adds the rows, with the layer names of keras.applications.MobileNetV2. */
export function addMobileNetV2Trunk(
  input: tf.SymbolicTensor,
  { alpha, rows, deformable, normalization, padded = false, evenPadding = false, bare = false }: TrunkOptions,
): Trunk {
  const activated = new Map<string, tf.SymbolicTensor>();
  const activate = (y: tf.SymbolicTensor, names: { normalization: string; activation: string }): tf.SymbolicTensor => {
    const z = normalizeAndActivate(y, names, 'relu6', normalization);
    activated.set(names.activation, z);
    return z;
  };

  const [stem, ...blocks] = rows;
  const filters = toMultipleOf8(stem!.channels * alpha);
  const { strides } = stem!;
  const isEven = evenPadding && strides === 2;
  const padding = isEven ? evenZeros(3) : 'same';
  const first = { name: 'Conv1', filters, kernelSize: 3, strides, padding, useBias: false } as const;
  let x = apply(layers.conv2d(first), isEven ? passThrough(input, 'Conv1_pad') : input);
  x = activate(x, { normalization: 'bn_Conv1', activation: 'Conv1_relu' });

  blocks.forEach(({ expansion, channels, ...row }, index) => {
    const block = {
      expanded: expansion === 1 ? undefined : expansion * channelsOf(x),
      channels: toMultipleOf8(Math.floor(channels * alpha)),
      kernelSize: 3,
      ...row,
      bare: bare && index === blocks.length - 1,
    };
    x = addInvertedResidual(x, index === 0 ? 'expanded_conv' : `block_${index}`, block, {
      activate: (y, name) => activate(y, { normalization: `${name}_BN`, activation: `${name}_relu` }),
      normalized: 'BN',
      padded: padded ? 'pad' : null,
      evenPadding,
      deformation: deformationAt(index, deformable),
      normalization,
    });
  });
  return { output: x, activated };
}
