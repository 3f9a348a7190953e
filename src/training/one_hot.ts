/** Labels as a matrix [labels.length, classes] of zeros and ones. */
export function oneHot(labels: Int32Array, classes: number): Float32Array {
  const matrix = new Float32Array(labels.length * classes);
  labels.forEach((label, index) => (matrix[index * classes + label] = 1));
  return matrix;
}
