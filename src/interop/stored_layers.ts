/** Contents of a Keras file, independent of its layout: a tree of layers with their tensors. */
import type { StoredArray } from './hdf5_contents.js';

/** A layer in a file; siblings are in the order of the model. */
export interface StoredLayer {
  readonly name: string;
  /** Class in the spelling of Keras's keys (`conv2d`), if the file records it. */
  readonly kind?: string;
  /** True if the file has no names, so that the name is that of the model's layer with the same key. */
  readonly isNamedByKey?: boolean;
  /** True if its children are all layers of the model, in their order. */
  readonly isInOrder?: boolean;
  /** True if its position among its siblings is not reliable. */
  readonly isUnordered?: boolean;
  /** Layers of a nested model, if they have groups of their own. */
  readonly children?: readonly StoredLayer[];
  readonly tensors: readonly StoredTensor[];
  /** Layers inside a recurrent layer or a wrapper, by attribute, if the file distinguishes them. */
  readonly parts?: ReadonlyMap<string, StoredLayer>;
  /** Names of the layers of a nested model whose tensors are all in one group, in the order of the model, if known. */
  readonly order?: readonly string[];
  /** Tensors that belong to no layer. */
  readonly foreign?: readonly StoredTensor[];
}

/** One tensor of a file. */
export interface StoredTensor {
  /** Path in the file, for errors. */
  readonly label: string;
  /** Name of the weight; undefined if the file distinguishes tensors only by their order. */
  readonly name: string | undefined;
  /** Name of its layer, if the tensors of a nested model are all in one group. */
  readonly owner?: string;
  readonly array: StoredArray;
}
