/** Inception-v3 in tables: the stem, and modules of branches (Szegedy et al. 2016, Figures 5 to 7 and 10, and Table 1). */

/** A convolution of kernel [height, width], normalised and activated. */
export interface InceptionConvolution {
  readonly channels: number;
  readonly kernelSize: [number, number];
}

/** Convolutions beside each other on one input, concatenated. */
export interface InceptionFork {
  readonly fork: readonly InceptionConvolution[];
  /** Of the concatenation. @default numbered */
  readonly name?: string;
}

/** Branches beside each other on one input, concatenated. */
export interface InceptionModule {
  readonly name: string;
  readonly branches: readonly (readonly (InceptionConvolution | InceptionFork)[])[];
  /** Channels after the average pooling of the last branch; null for maximum pooling alone. */
  readonly pooled: number | null;
  /** Of the last convolution of each branch, and of the pooling. */
  readonly strides: 1 | 2;
}

type StemStep = { readonly strides: 1 | 2; readonly padding: 'same' | 'valid' } & (
  ({ readonly kind: 'convolution' } & InceptionConvolution) | { readonly kind: 'pool' }
);

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

/** A convolution of kernel [height, width]. */
function cell(channels: number, height = 1, width = height): InceptionConvolution {
  return { channels, kernelSize: [height, width] };
}

/** Figure 5: 5×5, and in its stead two of 3×3. */
function small(name: string, pooled: number): InceptionModule {
  return {
    name,
    branches: [[cell(64)], [cell(48), cell(64, 5)], [cell(64), cell(96, 3), cell(96, 3)]],
    pooled,
    strides: 1,
  };
}

/** Figure 6 with n = 7: 7×7 as 1×7 and 7×1, once and twice. */
function factorized(name: string, inside: number): InceptionModule {
  return {
    name,
    branches: [
      [cell(192)],
      [cell(inside), cell(inside, 1, 7), cell(192, 7, 1)],
      [cell(inside), cell(inside, 7, 1), cell(inside, 1, 7), cell(inside, 7, 1), cell(192, 1, 7)],
    ],
    pooled: 192,
    strides: 1,
  };
}

/** Figure 7: 1×3 and 3×1 beside each other. */
function wide(name: string, forkName: string): InceptionModule {
  const fork = [cell(384, 1, 3), cell(384, 3, 1)];
  return {
    name,
    branches: [[cell(320)], [cell(384), { fork, name: forkName }], [cell(448), cell(384, 3), { fork }]],
    pooled: 192,
    strides: 1,
  };
}

export const INCEPTION_V3_MODULES: readonly InceptionModule[] = [
  small('mixed0', 32),
  small('mixed1', 64),
  small('mixed2', 64),
  { name: 'mixed3', branches: [[cell(384, 3)], [cell(64), cell(96, 3), cell(96, 3)]], pooled: null, strides: 2 },
  factorized('mixed4', 128),
  factorized('mixed5', 160),
  factorized('mixed6', 160),
  factorized('mixed7', 192),
  {
    name: 'mixed8',
    branches: [
      [cell(192), cell(320, 3)],
      [cell(192), cell(192, 1, 7), cell(192, 7, 1), cell(192, 3)],
    ],
    pooled: null,
    strides: 2,
  },
  wide('mixed9', 'mixed9_0'),
  wide('mixed10', 'mixed9_1'),
];
