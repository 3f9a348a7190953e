/** What the page and its worker tell each other: plain data. */

/** [y, x], [row, column] or [height, width]. */
export type Axes = readonly [number, number];

/** How a picture becomes what a network of grey images takes. */
export interface Preparation {
  /** Whether to cut out the drawing and put it into the middle, as the digits of the training were. */
  readonly crop: boolean;
  /** What of the picture is the drawing; `auto` takes the border for the ground. */
  readonly ink: 'auto' | 'bright' | 'dark';
}

/** An image as a network takes it: bytes, row by row, channels last. */
export interface Pixels {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly values: Uint8ClampedArray<ArrayBuffer>;
}

/** One deformable layer, and how its positions lie in the image. */
export interface SeenLayer {
  readonly name: string;
  /** The deformable layers that its samples can be traced through, itself first. */
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
  /** [height, width] of the images that it is shown. */
  readonly imageSize: Axes;
  readonly channels: 1 | 3;
  readonly layers: readonly SeenLayer[];
  /** Whether a plain network stands beside it. */
  readonly hasPlain: boolean;
}

/** Share of every class. */
export interface Answer {
  readonly classNames: readonly string[];
  readonly shares: readonly number[];
}

/** What came of a picture. */
export interface Shown {
  readonly pixels: Pixels;
  /** What was done to the picture, in words. */
  readonly steps: readonly string[];
  /** undefined for a network that answers with something else than classes. */
  readonly deformable: Answer | undefined;
  readonly plain: Answer | undefined;
}

export type View = 'samples' | 'influence';

export interface Question {
  readonly view: View;
  readonly layer: string;
  /** Number of deformable layers that the samples go through. */
  readonly trace: number;
  readonly position: Axes;
}

/** One place that is read. */
export interface Dot {
  readonly y: number;
  readonly x: number;
  readonly weight: number;
  /** Which tap of the layer's kernel it belongs to, row by row. */
  readonly tap: number;
}

export interface Samples {
  readonly view: 'samples';
  readonly center: { readonly y: number; readonly x: number };
  readonly deformable: readonly Dot[];
  /** What the same kernels read without offsets. */
  readonly plain: readonly Dot[];
}

export interface InfluenceMap {
  /** Share of every pixel, [height][width]. */
  readonly map: readonly (readonly number[])[];
  /** Pixels between the 2.5 % and the 97.5 % quantile of each axis. */
  readonly extent: { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number };
  /** Pixels above 4.55 % of the largest. */
  readonly area: number;
  /** What the architecture lets the position see; null where nobody knows. */
  readonly theoretical: {
    readonly top: number;
    readonly left: number;
    readonly height: number;
    readonly width: number;
  } | null;
}

export interface Influences {
  readonly view: 'influence';
  /** Or why there is none. */
  readonly deformable: InfluenceMap | string;
  readonly plain: InfluenceMap | string | undefined;
}

/** An answer to a question. */
export type Look = (Samples | Influences) & {
  readonly question: Question;
  /** Tensors that the worker holds afterwards: a number that must not grow. */
  readonly tensors: number;
};
