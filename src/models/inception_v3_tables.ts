/**
 * Tables of Inception-v3: the stem, and modules of branches (Szegedy et al. 2016, Figures 5 to 7 and 10, and Table 1).
 */

/** A convolution with kernel [height, width], normalised and activated. */
export interface InceptionConvolution {
  readonly channels: number;
  readonly kernelSize: [number, number];
}

/** Parallel convolutions of one input, concatenated. */
export interface InceptionFork {
  readonly fork: readonly InceptionConvolution[];
  /** Name of the concatenation. @default numbered */
  readonly name?: string;
}

/** Parallel branches of one input, concatenated. */
export interface InceptionModule {
  readonly name: string;
  readonly branches: readonly (readonly (InceptionConvolution | InceptionFork)[])[];
  /** Number of channels after the average pooling of the last branch; null for max pooling only. */
  readonly pooled: number | null;
  /** Strides of the last convolution of each branch, and of the pooling. */
  readonly strides: 1 | 2;
}

type StemStep = { readonly strides: 1 | 2; readonly padding: 'same' | 'valid' } & (
  ({ readonly kind: 'convolution' } & InceptionConvolution) | { readonly kind: 'pool' }
);

/** Tells a step that forks into two convolutions from a single one. */
export function isFork(step: InceptionConvolution | InceptionFork): step is InceptionFork {
  return 'fork' in step;
}

export const INCEPTION_V3_STEM: readonly StemStep[] = [
  { kind: 'convolution', channels: 32, kernelSize: [3, 3], strides: 2, padding: 'valid' },
  { kind: 'convolution', channels: 32, kernelSize: [3, 3], strides: 1, padding: 'valid' },
  { kind: 'convolution', channels: 64, kernelSize: [3, 3], strides: 1, padding: 'same' },
  { kind: 'pool', strides: 2, padding: 'valid' },
  { kind: 'convolution', channels: 80, kernelSize: [1, 1], strides: 1, padding: 'valid' },
  { kind: 'convolution', channels: 192, kernelSize: [3, 3], strides: 1, padding: 'valid' },
  { kind: 'pool', strides: 2, padding: 'valid' },
];

/** A convolution with kernel [height, width]. */
function conv(channels: number, height = 1, width = height): InceptionConvolution {
  return { channels, kernelSize: [height, width] };
}

/** Figure 5: a 5×5 convolution, and two 3×3 ones in place of another. */
function small(name: string, pooled: number): InceptionModule {
  return {
    name,
    branches: [[conv(64)], [conv(48), conv(64, 5)], [conv(64), conv(96, 3), conv(96, 3)]],
    pooled,
    strides: 1,
  };
}

/** Figure 6 with n = 7: 7×7 as 1×7 and 7×1, once and twice. */
function factorized(name: string, innerChannels: number): InceptionModule {
  return {
    name,
    branches: [
      [conv(192)],
      [conv(innerChannels), conv(innerChannels, 1, 7), conv(192, 7, 1)],
      [
        conv(innerChannels),
        conv(innerChannels, 7, 1),
        conv(innerChannels, 1, 7),
        conv(innerChannels, 7, 1),
        conv(192, 1, 7),
      ],
    ],
    pooled: 192,
    strides: 1,
  };
}

/** Figure 7: parallel 1×3 and 3×1. */
function wide(name: string, forkName: string): InceptionModule {
  const fork = [conv(384, 1, 3), conv(384, 3, 1)];
  return {
    name,
    branches: [[conv(320)], [conv(384), { fork, name: forkName }], [conv(448), conv(384, 3), { fork }]],
    pooled: 192,
    strides: 1,
  };
}

export const INCEPTION_V3_MODULES: readonly InceptionModule[] = [
  small('mixed0', 32),
  small('mixed1', 64),
  small('mixed2', 64),
  {
    name: 'mixed3',
    branches: [[conv(384, 3)], [conv(64), conv(96, 3), conv(96, 3)]],
    pooled: null,
    strides: 2,
  },
  factorized('mixed4', 128),
  factorized('mixed5', 160),
  factorized('mixed6', 160),
  factorized('mixed7', 192),
  {
    name: 'mixed8',
    branches: [
      [conv(192), conv(320, 3)],
      [conv(192), conv(192, 1, 7), conv(192, 7, 1), conv(192, 3)],
    ],
    pooled: null,
    strides: 2,
  },
  wide('mixed9', 'mixed9_0'),
  wide('mixed10', 'mixed9_1'),
];
