/** Singular value decomposition of small matrices by one-sided Jacobi rotations, in float64. */

/** A matrix in row-major order. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** A = Σ values[r] · left[r] · right[r]ᵀ, over min(rows, columns) terms. */
export interface SingularValues {
  /** Singular values in descending order, none negative. */
  readonly values: readonly number[];
  /** One unit vector of `rows` numbers per value; zeros if the value is 0. */
  readonly left: readonly Float64Array[];
  /** One unit vector of `columns` numbers per value; the vectors are orthogonal. */
  readonly right: readonly Float64Array[];
}

/** Far above the handful of sweeps that quadratic convergence takes. */
const MAX_SWEEPS = 60;

/**
 * Decomposes a matrix. Pairs of columns are rotated until all are orthogonal: their norms are then the singular values,
 * and the product of the rotations holds the right singular vectors.
 *
 * @see Golub and Van Loan, "Matrix Computations" (2013), section 8.6.3
 */
export function singularValues(matrix: Matrix): SingularValues {
  if (matrix.rows < matrix.columns) {
    const { values, left, right } = singularValues(transpose(matrix));
    return { values, left: right, right: left };
  }
  const { rows, columns, data } = matrix;
  const vectors = Array.from({ length: columns }, (_, column) =>
    Float64Array.from({ length: rows }, (__, row) => data[row * columns + column]!),
  );
  const rotations = Array.from({ length: columns }, (_, column) => {
    const unit = new Float64Array(columns);
    unit[column] = 1;
    return unit;
  });
  let rotated = true;
  for (let sweep = 0; rotated && sweep < MAX_SWEEPS; sweep++) {
    rotated = false;
    for (let p = 0; p < columns - 1; p++) {
      for (let q = p + 1; q < columns; q++) {
        const rotation = rotationOf(vectors[p]!, vectors[q]!);
        if (rotation === undefined) continue;
        rotate(vectors[p]!, vectors[q]!, rotation);
        rotate(rotations[p]!, rotations[q]!, rotation);
        rotated = true;
      }
    }
  }
  const lengths = vectors.map((vector) => Math.sqrt(dot(vector, vector)));
  const order = lengths.map((_, index) => index).sort((a, b) => lengths[b]! - lengths[a]!);
  return {
    values: order.map((index) => lengths[index]!),
    left: order.map((index) => vectors[index]!.map((value) => (lengths[index] === 0 ? 0 : value / lengths[index]!))),
    right: order.map((index) => rotations[index]!),
  };
}

/** Cosine and sine of the rotation that makes two columns orthogonal; `undefined` if they already are. */
function rotationOf(p: Float64Array, q: Float64Array): readonly [number, number] | undefined {
  const [pp, qq, pq] = [dot(p, p), dot(q, q), dot(p, q)];
  if (pq === 0 || Math.abs(pq) <= Number.EPSILON * Math.sqrt(pp * qq)) return undefined;
  const zeta = (qq - pp) / (2 * pq);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.hypot(1, tangent);
  return [cosine, cosine * tangent];
}

function rotate(p: Float64Array, q: Float64Array, [cosine, sine]: readonly [number, number]): void {
  for (let index = 0; index < p.length; index++) {
    const [a, b] = [p[index]!, q[index]!];
    p[index] = cosine * a - sine * b;
    q[index] = sine * a + cosine * b;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

function transpose({ rows, columns, data }: Matrix): Matrix {
  const flipped = data.map((_, index) => data[(index % rows) * columns + Math.floor(index / rows)]!);
  return { rows: columns, columns: rows, data: flipped };
}
