/** What a file of Keras holds, whichever its layout: a tree of layers with their tensors. */
import type { StoredArray } from './hdf5.js';

export interface StoredLayer {
  readonly name: string;
  /** Of a model whose layers have groups of their own: these. */
  readonly children?: readonly StoredLayer[];
  readonly tensors: readonly StoredTensor[];
  /** Tensors that no layer here could take. */
  readonly foreign?: readonly StoredTensor[];
}

export interface StoredTensor {
  /** Where it is, for errors. */
  readonly label: string;
  /** The weight's own name; undefined where the file tells tensors apart by their order alone. */
  readonly name: string | undefined;
  /** Layer that owns it, where a model's tensors lie in one group. */
  readonly owner?: string;
  readonly array: StoredArray;
}
