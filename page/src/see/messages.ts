/** Messages between the page and its worker: plain data. */
import type { EncodedModel } from 'tfjs-convolutions/training';

/** [y, x], [row, column] or [height, width]. */
export type Axes = readonly [number, number];

/** A location in pixels of the image. */
export interface Location {
  readonly y: number;
  readonly x: number;
}

/** Mean offset of the samples of one position. */
export interface Arrow {
  /** Centre of the position, in pixels. */
  readonly from: Location;
  /** Mean of its samples. */
  readonly to: Location;
}

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

/** A network of the user, as its files say. */
export type ModelContents =
  | { readonly format: 'layers'; readonly files: EncodedModel }
  | { readonly format: 'keras' | 'onnx'; readonly bytes: Uint8Array<ArrayBuffer> };

/** A network of the user. */
export interface OwnModel {
  readonly contents: ModelContents;
  /** Its name for people; undefined for the one that it has in its file. */
  readonly name: string | undefined;
}

/** Samples of a deformable layer. */
export interface LayerSampling {
  /** Deformable layers that its samples can be traced through, starting with itself. */
  readonly chain: readonly string[];
  readonly kernelSize: Axes;
  /** Taps of one group of channels. */
  readonly taps: number;
}

/** A layer whose output is a map, and the geometry of its positions in the image. */
export interface SeenLayer {
  readonly name: string;
  /** [height, width] of its output. */
  readonly outputSize: Axes;
  /** Centre of position (0, 0), in pixels of the image; their centres are whole numbers. */
  readonly origin: Axes;
  /** Pixels from one position to the next. */
  readonly stride: Axes;
  /** Undefined unless it is deformable. */
  readonly sampling: LayerSampling | undefined;
}

/** A layer in numbers. */
export interface LayerRow {
  readonly name: string;
  readonly type: string;
  /** Output shape without the batch. */
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** Multiply-adds of one image, those that predict offsets included. */
  readonly macs: number;
  /** Receptive field [height, width] in pixels; undefined for a layer that has none. */
  readonly field: Axes | undefined;
  /** Pixels from one position to the next. */
  readonly stride: Axes | undefined;
  /** Sampling locations of a position; undefined for a layer without offsets. */
  readonly samples: number | undefined;
}

/** A network in numbers. */
export interface NetworkReport {
  readonly rows: readonly LayerRow[];
  readonly parameters: number;
  readonly macs: number;
  /** Names of layers whose work is unknown. */
  readonly uncounted: readonly string[];
}

/** Pictures that a network takes. */
export interface InputImage {
  /** [height, width] of the input images. */
  readonly imageSize: Axes;
  readonly channels: 1 | 3;
}

export interface NetworkDescription {
  readonly title: string;
  /** Pictures that it takes, or the reason why it takes none. */
  readonly input: InputImage | string;
  /** Layers whose positions can be looked at, in the order of computation. */
  readonly layers: readonly SeenLayer[];
  /** Its layers in numbers, or the reason why they are unknown. */
  readonly report: NetworkReport | string;
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
  readonly answer: Answer | undefined;
}

export type View = 'samples' | 'field' | 'influence';

export interface Question {
  readonly view: View;
  readonly layer: string;
  /** True to show the offsets of all deformable layers, in the view of fields. */
  readonly isAll: boolean;
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
  /** Or the reason why there is none. */
  readonly influence: InfluenceMap | string;
}

/** Mean offsets of a layer, or of all deformable ones. */
export interface Fields {
  readonly view: 'field';
  readonly fields: readonly OffsetField[];
}

export interface OffsetField {
  readonly layer: string;
  /** Of all positions, or of one in so many along each axis. */
  readonly arrows: readonly Arrow[];
  readonly step: number;
  /** Mean and greatest length of the offsets of all samples, in pixels of the image. */
  readonly mean: number;
  readonly greatest: number;
}

/** An answer to a question. */
export type Inspection = (Samples | Influences | Fields) & {
  readonly question: Question;
  /** Number of tensors in the worker afterwards, which must not grow. */
  readonly tensors: number;
};
