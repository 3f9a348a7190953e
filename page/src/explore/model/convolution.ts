/** What the page knows of a convolution. */
import type { LayerSpec, Network, Values } from './question.js';
import type { FieldName, Settings } from './settings.js';
import type { Stage } from './stage.js';

/** A formula in symbols, and with the numbers put in. */
export interface Formula {
  readonly symbols: string;
  readonly numbers: string;
}

/** A button that sets fields, and what is then to be seen. */
export interface Example {
  readonly label: string;
  /** From the start; a function changes the settings as they are. */
  readonly set: Partial<Settings> | ((settings: Settings) => Partial<Settings>);
}

/** How a map of the picture is computed: a layer over the map of the given number, 0 being the input. */
export interface StepPlan {
  readonly from: number;
  readonly layer: LayerSpec;
  /** The stages whose kernels are the layer's weights, in order. */
  readonly stages: readonly number[];
  readonly extra: readonly Values[];
}

export interface Convolution {
  /** In the address. */
  readonly name: string;
  readonly title: string;
  /** What it is for. */
  readonly purpose: string;
  /** What is often said of it, and how it is. */
  readonly mistake: string;
  readonly fields: readonly FieldName[];
  /** Besides those that all start with. */
  readonly defaults: Partial<Settings>;
  readonly examples: readonly Example[];
  /** What can be dragged in the input. */
  readonly drags?: 'taps' | 'bins';
  /** Whether output cells are shaded by how many products they sum. */
  readonly isShaded?: boolean;
  /** Names of the maps between input and output. */
  readonly between?: readonly string[];
  /** From the input to the output. Throws the package's own error where settings do not fit together. */
  readonly stages: (settings: Settings) => readonly Stage[];
  /** The layers that are counted. */
  readonly network: (settings: Settings) => Network;
  /** One for each stage. */
  readonly steps: (settings: Settings, stages: readonly Stage[]) => readonly StepPlan[];
  /** What its costs are put beside, if anything, in words and as layers. */
  readonly peer?: (
    settings: Settings,
    stages: readonly Stage[],
  ) => { readonly title: string; readonly network: Network };
  readonly formulas: (settings: Settings, stages: readonly Stage[]) => Record<'size' | 'params' | 'macs', Formula>;
}
