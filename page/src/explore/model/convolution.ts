/** Description of a convolution for the page. */
import type { MapTitle } from './maps.js';
import type { LayerSpec, Network, Values } from './question.js';
import type { FieldName, Settings } from './settings.js';
import type { Stage } from './stage.js';

/** A formula in symbols, and with numbers filled in. */
export interface Formula {
  readonly symbols: string;
  readonly numbers: string;
}

/** A preset: a button that sets fields, and a description of what it shows. */
export interface Example {
  readonly label: string;
  /** Changes to the initial settings; a function changes the current ones. */
  readonly set: Partial<Settings> | ((settings: Settings) => Partial<Settings>);
}

/** Computation of a feature map: a layer applied to the map of the given index, where 0 is the input. */
export interface StepPlan {
  readonly from: number;
  readonly layer: LayerSpec;
  /** Stages whose kernels are the weights of the layer, in order. */
  readonly stages: readonly number[];
  readonly extra: readonly Values[];
}

export type ConvolutionTitle =
  | 'Plain'
  | 'Dilated'
  | 'Transposed'
  | 'Depthwise'
  | 'Pointwise (1×1)'
  | 'Depthwise separable'
  | 'Spatially separable'
  | 'Grouped'
  | 'Deformable'
  | 'Deformable RoI pooling';

/** Names of stages that the picture can show one at a time. */
export type ActName = 'depthwise' | 'pointwise' | 'first kernel' | 'second kernel';

export interface Convolution {
  /** Name in the URL. */
  readonly name: string;
  readonly title: ConvolutionTitle;
  /** Purpose. */
  readonly purpose: string;
  /** A common misconception, the truth, and the label of the example that shows it. */
  readonly mistake: { readonly said: string; readonly fact: string; readonly example: string };
  readonly fields: readonly FieldName[];
  /** Defaults that differ from the common ones. */
  readonly defaults: Partial<Settings>;
  readonly examples: readonly Example[];
  /** Objects that can be dragged in the input. */
  readonly drags?: 'taps' | 'bins';
  /** Whether to shade output cells by the number of products they sum. */
  readonly isShaded?: boolean;
  /** Titles of the feature maps between input and output. */
  readonly between?: readonly MapTitle[];
  /** Names of the stages, if the picture can show one at a time. */
  readonly acts?: readonly ActName[];
  /** Stages from input to output. Throws the package's own error if settings are inconsistent. */
  readonly stages: (settings: Settings) => readonly Stage[];
  /** Layers whose cost is computed. */
  readonly network: (settings: Settings) => Network;
  /** One computation per stage. */
  readonly steps: (settings: Settings, stages: readonly Stage[]) => readonly StepPlan[];
  /** Alternative to compare costs with, if any, in words and as layers. */
  readonly peer?: (
    settings: Settings,
    stages: readonly Stage[],
  ) => { readonly title: string; readonly network: Network };
  readonly formulas: (settings: Settings, stages: readonly Stage[]) => Record<'size' | 'params' | 'macs', Formula>;
}
