/** Kernels whose results have shapes that depend on the values of their inputs. */
export const DATA_DEPENDENT: ReadonlySet<string> = new Set([
  'NonMaxSuppressionV3',
  'NonMaxSuppressionV4',
  'NonMaxSuppressionV5',
  'RaggedGather',
  'RaggedRange',
  'RaggedTensorToTensor',
  'SparseFillEmptyRows',
  'SparseReshape',
  'StringNGrams',
  'StringSplit',
  'Unique',
  'Where',
]);
