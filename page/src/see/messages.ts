/** Messages between the page and its worker: plain data. */

/** [y, x], [row, column] or [height, width]. */
export type Axes = readonly [number, number];

/** Conversion of a picture to the input of a network for greyscale images. */
export interface Preparation {
  /** Whether to crop the drawing and centre it, as in the training digits. */
  readonly crop: boolean;
  /** Polarity of the drawing; `auto` takes the border as background. */
  readonly ink: 'auto' | 'bright' | 'dark';
}

/** Input image of a network: bytes, row by row, channels last. */
export interface Pixels {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly values: Uint8ClampedArray<ArrayBuffer>;
}

/** A deformable layer, and the geometry of its positions in the image. */
export interface SeenLayer {
  readonly name: string;
  /** Deformable layers that its samples can be traced through, starting with itself. */
  readonly chain: readonly string[];
  readonly kernelSize: Axes;
  /** Taps of one group of channels. */
  readonly taps: number;
  /** [height, width] of its output. */
  readonly outputSize: Axes;
  /** Centre of position (0, 0), in pixels of the image; their centres are whole numbers. */
  readonly origin: Axes;
  /** Pixels from one position to the next. */
  readonly stride: Axes;
}

export interface NetworkDescription {
  readonly title: string;
  /** [height, width] of the input images. */
  readonly imageSize: Axes;
  readonly channels: 1 | 3;
  readonly layers: readonly SeenLayer[];
  /** True if there is a plain network to compare with. */
  readonly hasPlain: boolean;
}

/** Probability of each class. */
export interface Answer {
  readonly classNames: readonly string[];
  readonly probabilities: readonly number[];
}

/** Result for a picture. */
export interface Shown {
  readonly pixels: Pixels;
  /** Preprocessing steps, in words. */
  readonly steps: readonly string[];
  /** Undefined for a network that is not a classifier. */
  readonly deformable: Answer | undefined;
  readonly plain: Answer | undefined;
}

export type View = 'samples' | 'influence';

export interface Question {
  readonly view: View;
  readonly layer: string;
  /** Number of deformable layers to trace the samples through. */
  readonly trace: number;
  readonly position: Axes;
}

/** One sampling location. */
export interface Dot {
  readonly y: number;
  readonly x: number;
  readonly weight: number;
  /** Index of its tap in the layer's kernel, row by row. */
  readonly tap: number;
}

export interface Samples {
  readonly view: 'samples';
  readonly center: { readonly y: number; readonly x: number };
  readonly deformable: readonly Dot[];
  /** Sampling locations of the same kernels without offsets. */
  readonly plain: readonly Dot[];
}

export interface InfluenceMap {
  /** Influence of each pixel, [height][width]. */
  readonly map: readonly (readonly number[])[];
  /** Pixels between the 2.5 % and the 97.5 % quantile of each axis. */
  readonly extent: { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number };
  /** Pixels above 4.55 % of the largest. */
  readonly area: number;
  /** Theoretical receptive field; null if unknown. */
  readonly theoretical: {
    readonly top: number;
    readonly left: number;
    readonly height: number;
    readonly width: number;
  } | null;
}

export interface Influences {
  readonly view: 'influence';
  /** Reason why there is none. */
  readonly deformable: InfluenceMap | string;
  readonly plain: InfluenceMap | string | undefined;
}

/** An answer to a question. */
export type Inspection = (Samples | Influences) & {
  readonly question: Question;
  /** Number of tensors in the worker afterwards, which must not grow. */
  readonly tensors: number;
};
