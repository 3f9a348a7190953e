/**
 * Batched matrix products in blocks: the packed algorithm of TensorFlow.js, but with the inner size as a uniform
 * (TensorFlow.js compiles a program per inner size, so a filter gradient would recompile for every new image size).
 */
import type { WebGLCall } from './adapter.js';
import type { Surface } from './program.js';
import { shader } from './shader.js';

/** Layout of a batch of matrices in a flat tensor: index = first + batch · batchStep + row · rowStep + column. */
export interface MatrixLayout {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly first: number;
  readonly batchStep: number;
  readonly rowStep: number;
}

/** Packs matrices into blocks; elements of a block outside its matrix are 0. */
export function packMatrices(call: WebGLCall, tensor: Surface, layout: MatrixLayout): Surface {
  const target = call.blocks(layout.batch, layout.rows, layout.columns);
  call.draw(packShader, { inputs: { tensor }, ints: { ...layout }, target });
  return target;
}

const packShader = shader(
  'blocks',
  { tensor: 'flat' },
  ['rows', 'columns', 'first', 'batchStep', 'rowStep'],
  `
float element(int batch, int row, int column) {
  return row < rows && column < columns ? tensor(first + batch * batchStep + row * rowStep + column) : 0.0;
}
vec4 block(int batch, int row, int column) {
  return vec4(
    element(batch, row, column), element(batch, row, column + 1),
    element(batch, row + 1, column), element(batch, row + 1, column + 1)
  );
}`,
);

/**
 * Writes matrices [batch, rows, columns] to rows [first, first + rows) of a flat target [.., batch · columns], and adds
 * a bias per column if there is one.
 */
export function unpackMatrices(
  call: WebGLCall,
  matrices: Surface,
  [batch, rows, columns]: readonly [number, number, number],
  target: Surface,
  first = 0,
  bias?: Surface,
): void {
  const width = batch * columns;
  const inputs = { matrices, bias: bias ?? matrices };
  const ints = { width, columns, first, biased: bias === undefined ? 0 : 1 };
  call.draw(unpackShader, { inputs, ints, target }, first * width, (first + rows) * width);
}

const unpackShader = shader(
  'flat',
  { matrices: 'blocks', bias: 'flat' },
  ['width', 'columns', 'first', 'biased'],
  `
float value(int index) {
  int column = index % width;
  float sum = matrices(column / columns, index / width - first, column % columns);
  return biased == 1 ? sum + bias(column) : sum;
}`,
);

/** The operand that is stored transposed. */
export type Transposed = 'none' | 'left' | 'right';

/** Options of a batch of matrix products. */
export interface ProductOptions {
  /** @default 'none' */
  readonly transposed?: Transposed;
  /** Matrices of the result's shape to add to the product. @default none */
  readonly addend?: Surface | undefined;
  /** Value of elements of the left operand to skip, whatever the right factor; see {@link holeOf}. @default none */
  readonly hole?: number | undefined;
}

/** Multiplies left [batch, rows, inner] · right [batch, inner, columns] in blocks. */
export function multiply(
  call: WebGLCall,
  left: Surface,
  right: Surface,
  [batch, rows, inner, columns]: readonly [number, number, number, number],
  { transposed = 'none', addend, hole }: ProductOptions = {},
): Surface {
  const target = call.blocks(batch, rows, columns);
  const [r, k, c] = [Math.ceil(rows / 2), Math.ceil(inner / 2), Math.ceil(columns / 2)];
  const [leftLine, leftStep] = transposed === 'left' ? [1, r] : [k, 1];
  const [rightLine, rightStep] = transposed === 'right' ? [k, 1] : [1, c];
  call.draw(products[transposed], {
    inputs: { left, right, addend: addend ?? left },
    ints: {
      pairs: k,
      leftBatch: r * k,
      leftLine,
      leftStep,
      rightBatch: k * c,
      rightLine,
      rightStep,
      added: addend === undefined ? 0 : 1,
      holed: hole === undefined ? 0 : 1,
    },
    floats: { hole: hole ?? 0 },
    target,
  });
  return target;
}

/**
 * Value that marks an element to skip in a product: next to the largest finite number of the textures, so it can be
 * stored and hardly ever occurs by itself. A value that equals it must be replaced by its neighbour.
 */
export function holeOf(floatTextures: boolean): { readonly hole: number; readonly neighbour: number } {
  return floatTextures
    ? { hole: 2 ** 127, neighbour: 2 ** 127 * (1 - 2 ** -24) }
    : { hole: 2 ** 15, neighbour: 2 ** 15 * (1 - 2 ** -11) };
}

/** Shader that multiplies blocks, (x y / z w) for both operands. */
function productShader(transposed: Transposed) {
  return shader(
    'blocks',
    { left: 'blocks', right: 'blocks', addend: 'blocks' },
    ['pairs', 'leftBatch', 'leftLine', 'leftStep', 'rightBatch', 'rightLine', 'rightStep', 'added', 'holed'],
    `
ivec2 texelOf(int index, int width) {
  return ivec2(index % width, index / width);
}
ivec2 advance(ivec2 at, ivec2 by, int width) {
  at += by;
  return at.x < width ? at : ivec2(at.x - width, at.y + 1);
}
vec4 block(int batch, int row, int column) {
  row /= 2;
  column /= 2;
  vec4 sum = added == 1 ? addendTexel((batch * addendPairs.x + row) * addendPairs.y + column) : vec4(0.0);
  ivec2 leftAt = texelOf(batch * leftBatch + row * leftLine, leftWidth);
  ivec2 rightAt = texelOf(batch * rightBatch + column * rightLine, rightWidth);
  ivec2 leftBy = texelOf(leftStep, leftWidth);
  ivec2 rightBy = texelOf(rightStep, rightWidth);
  for (int k = 0; k < pairs; k++) {
    vec4 a = texelFetch(leftTexture, leftAt, 0)${transposed === 'left' ? '.xzyw' : ''};
    vec4 b = texelFetch(rightTexture, rightAt, 0)${transposed === 'right' ? '.xzyw' : ''};
    vec4 first = a.xxzz * b.xyxy;
    vec4 second = a.yyww * b.zwzw;
    if (holed == 1) {
      first = mix(first, vec4(0.0), equal(a.xxzz, vec4(hole)));
      second = mix(second, vec4(0.0), equal(a.yyww, vec4(hole)));
    }
    sum += first;
    sum += second;
    leftAt = advance(leftAt, leftBy, leftWidth);
    rightAt = advance(rightAt, rightBy, rightWidth);
  }
  return sum;
}`,
    ['hole'],
  );
}

const products = { none: productShader('none'), left: productShader('left'), right: productShader('right') } as const;
