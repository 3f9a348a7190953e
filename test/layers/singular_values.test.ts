/** singularValues(): the decomposition reproduces the matrix, with orthogonal vectors and sorted values. */
import { singularValues, type Matrix } from '../../src/layers/singular_values.js';
import { Random } from '../support/random.js';

function random(seed: number, rows: number, columns: number): Matrix {
  return { rows, columns, data: Float64Array.from(new Random(seed).array([rows, columns], -1, 1).data) };
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);

describe('singularValues()', () => {
  it.each([
    [1, 1],
    [1, 5],
    [4, 1],
    [3, 3],
    [7, 4],
    [4, 7],
    [18, 12],
  ])('decomposes a matrix of %d×%d', (rows, columns) => {
    const matrix = random(rows * 31 + columns, rows, columns);
    const { values, left, right } = singularValues(matrix);
    expect(values.length).toBe(Math.min(rows, columns));
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
    for (const vectors of [left, right]) {
      vectors.forEach((a, i) => {
        vectors.forEach((b, j) => {
          expect(dot(a, b)).toBeCloseTo(i === j ? 1 : 0, 12);
        });
      });
    }
    matrix.data.forEach((wanted, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      const sum = values.reduce((total, value, r) => total + value * left[r]![row]! * right[r]![column]!, 0);
      expect(sum).toBeCloseTo(wanted, 12);
    });
  });

  it('finds the known singular values of a matrix', () => {
    // [[3, 0], [4, 5]] has AᵀA = [[25, 20], [20, 25]] with eigenvalues 45 and 5.
    const { values } = singularValues({ rows: 2, columns: 2, data: Float64Array.of(3, 0, 4, 5) });
    expect(values[0]).toBeCloseTo(Math.sqrt(45), 12);
    expect(values[1]).toBeCloseTo(Math.sqrt(5), 12);
  });

  it('finds the rank of an outer product and of a zero matrix', () => {
    const [column, row] = [
      [1, 2, 1],
      [1, 0, -1],
    ];
    const sobel = Float64Array.from(column.flatMap((a) => row.map((b) => a * b)));
    const { values } = singularValues({ rows: 3, columns: 3, data: sobel });
    expect(values[0]).toBeCloseTo(Math.sqrt(12), 12);
    expect(values.slice(1).every((value) => value < 1e-15)).toBe(true);
    expect(singularValues({ rows: 2, columns: 3, data: new Float64Array(6) }).values).toEqual([0, 0]);
  });
});
