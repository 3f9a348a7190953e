/** What a file of Keras holds, whichever its layout: a tree of layers with their tensors. */
import type { StoredArray } from './hdf5_contents.js';

/** Layers beside each other stand in the order of the model. */
export interface StoredLayer {
  readonly name: string;
  /** Its class as Keras writes it in keys (`conv2d`), where the file says it. */
  readonly kind?: string;
  /** Whether the name is that of the model's own layer of the same class and number, the file having none. */
  readonly isNamedByKey?: boolean;
  /** Whether its place among the others says nothing for sure. */
  readonly isUnordered?: boolean;
  /** Of a model whose layers have groups of their own: these. */
  readonly children?: readonly StoredLayer[];
  readonly tensors: readonly StoredTensor[];
  /** Of a layer that holds layers (recurrent ones and wrappers): these by attribute, where the file tells them apart. */
  readonly parts?: ReadonlyMap<string, StoredLayer>;
  /** Of a model whose tensors lie in one group: names of the layers that own them in the order of the model, if known. */
  readonly order?: readonly string[];
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
