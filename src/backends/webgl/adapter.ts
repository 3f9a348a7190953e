/**
 * One kernel call on WebGL: converts the engine's arguments to surfaces, and results back. It frees everything it
 * allocates when it ends.
 */
import * as tf from '@tensorflow/tfjs';
import { UnsupportedBackendError } from '../../errors.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import type { KernelCall, RunCall } from '../../kernel/kernel_call.js';
import { sizeOf } from '../../kernel/sizes.js';
import type { WebGLBackend } from './host.js';
import { clear, draw, drawAdded, zeroOf, type Draw, type Surface } from './program.js';
import { shader, type Layout, type Shader } from './shader.js';

/** An input as its texture stores it. */
export interface Stored {
  readonly layout: Layout;
  readonly surface: Surface;
  /** Rows and columns of the matrices in blocks. */
  readonly matrix: readonly [rows: number, columns: number];
}

/** Kernel call whose values are surfaces. */
export class WebGLCall implements KernelCall<Surface> {
  private readonly outputs: tf.TensorInfo[] = [];
  private readonly scratch = new Map<Surface, tf.TensorInfo>();
  readonly backend: WebGLBackend;

  constructor(private readonly args: KernelArguments) {
    this.backend = args.backend as WebGLBackend;
  }

  /** True if textures store float32; devices that only render to float16 store that. */
  get precise(): boolean {
    return tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED');
  }

  /** Flat surface of an input; a single 0 if it is absent or empty. */
  input(name: string): Surface {
    const { layout, surface, matrix } = this.stored(name);
    if (layout === 'flat') return surface;
    const flat = this.flat(sizeOf(this.args.inputs[name]!.shape));
    const [rows, columns] = matrix;
    if (layout === 'quads') this.draw(unpackQuads, { inputs: { quads: surface }, ints: {}, target: flat });
    else this.draw(unpack, { inputs: { matrix: surface }, ints: { rows, columns }, target: flat });
    return flat;
  }

  /** Surface of an input as it is; flat, with a single 0, if it is absent or empty. */
  stored(name: string): Stored {
    const tensor = this.args.inputs[name];
    if (tensor === undefined || sizeOf(tensor.shape) === 0) {
      return { layout: 'flat', surface: zeroOf(this.backend), matrix: [0, 0] };
    }
    const { texData } = this.backend;
    texData.get(tensor.dataId); // moves it here from another backend
    this.backend.uploadToGPU(tensor.dataId);
    const { texture, texShape, isPacked, slice, shape } = texData.get(tensor.dataId);
    const size = sizeOf(tensor.shape);
    const matrix = matrixOf(shape);
    if (isPacked !== true) {
      const [height, width] = texShape!;
      const first = slice?.flatOffset ?? 0;
      const surface = { texture: texture!.texture, width, height, first, size, pairs: [0, 0] } as const;
      return { layout: 'flat', surface, matrix };
    }
    const [rows, columns] = matrix;
    const surface = blocksOf(texture!.texture, texShape!, [sizeOf(shape) / (rows * columns), rows, columns]);
    const isQuads = rows === 2 && columns === 2 && Number.isInteger(Math.log2(surface.width));
    return { layout: isQuads ? 'quads' : 'blocks', surface, matrix };
  }

  /** Reads an input back to the CPU. */
  read(name: string): Float32Array {
    return this.backend.readSync(this.args.inputs[name]!.dataId);
  }

  /** Reads a flat scratch surface back to the CPU. */
  readScratch(surface: Surface): Float32Array {
    return this.backend.readSync(this.scratch.get(surface)!.dataId);
  }

  /** Creates a tensor; the outputs, in order, are the result of the call. */
  output(shape: readonly number[]): Surface {
    const size = sizeOf(shape);
    const tensor = this.backend.makeTensorInfo([...shape], 'float32', size === 0 ? new Float32Array(0) : undefined);
    this.outputs.push(tensor);
    return size === 0 ? { ...zeroOf(this.backend), size: 0 } : this.allocate(tensor, size);
  }

  /** Creates a tensor from values that may be filled in until the call ends. */
  upload(shape: readonly number[], values: Float32Array): void {
    this.outputs.push(this.backend.makeTensorInfo([...shape], 'float32', values));
  }

  /** Allocates an uninitialised flat surface. */
  flat(size: number): Surface {
    if (size === 0) return { ...zeroOf(this.backend), size: 0 };
    const tensor = this.backend.makeTensorInfo([size], 'float32');
    const surface = this.allocate(tensor, size);
    this.scratch.set(surface, tensor);
    return surface;
  }

  /** Allocates an uninitialised surface of `batch` matrices in blocks. */
  blocks(batch: number, rows: number, columns: number): Surface {
    if (batch * rows * columns === 0) {
      return { ...zeroOf(this.backend), size: 0, pairs: [Math.ceil(rows / 2), Math.ceil(columns / 2)] };
    }
    const tensor = this.backend.makeTensorInfo([batch, rows, columns], 'float32');
    const surface = this.allocateBlocks(tensor, [batch, rows, columns]);
    this.scratch.set(surface, tensor);
    return surface;
  }

  /** Allocates an uninitialised surface of texels with four numbers each. */
  texels(count: number): Surface {
    return this.blocks(1, 2, count * 2);
  }

  /**
   * Allocates the same with at least the given rows and columns (and at least two: TensorFlow.js reshapes narrow
   * textures).
   */
  grid(rows: number, columns: number): Surface {
    return this.blocks(1, 2 * Math.max(rows, 2), 2 * Math.max(columns, 2));
  }

  /** Allocates an uninitialised surface of `count` texels, as {@link Layout | quads}. */
  quads(count: number): Surface {
    if (count === 0) return { ...zeroOf(this.backend), size: 0 };
    const tensor = this.backend.makeTensorInfo([count, 2, 2], 'float32');
    const surface = this.allocateQuads(tensor, count);
    this.scratch.set(surface, tensor);
    return surface;
  }

  /**
   * Allocates an uninitialised surface of lines: runs of `length` texels in order, none of which crosses the end of a
   * row of the texture.
   *
   * @param together number of lines to keep within one row, if they fit
   */
  lines(count: number, length: number, together = 1): Surface {
    const size = count * length;
    if (size === 0) return { ...zeroOf(this.backend), size };
    const side = tf.env().getNumber('WEBGL_MAX_TEXTURE_SIZE');
    const most = Math.floor(side / length);
    const step = Math.min(together, count) <= most ? Math.min(together, count) : 1;
    const wanted = step * Math.ceil(Math.sqrt(size) / (step * length));
    const perRow = Math.max(1, Math.min(wanted, most - (most % step)));
    const grid = this.grid(Math.ceil(count / perRow), perRow * length);
    const tensor = this.scratch.get(grid)!;
    this.scratch.delete(grid);
    const surface = { ...grid, size };
    this.scratch.set(surface, tensor);
    return surface;
  }

  /**
   * Creates a tensor whose size is a multiple of four, to be drawn as texels of four consecutive elements. For
   * TensorFlow.js it is stored as if it had been reshaped to [size / 4, 2, 2].
   */
  outputQuads(shape: readonly number[]): Surface {
    const size = sizeOf(shape);
    if (size === 0) return this.output(shape);
    const tensor = this.backend.makeTensorInfo([...shape], 'float32');
    this.outputs.push(tensor);
    return this.allocateQuads(tensor, size / 4);
  }

  /** Creates a tensor that is stored as TensorFlow.js stores those of its own, with zeros beyond the ends of a matrix. */
  outputBlocks(shape: readonly number[]): Surface {
    const size = sizeOf(shape);
    if (size === 0) return this.output(shape);
    const tensor = this.backend.makeTensorInfo([...shape], 'float32');
    this.outputs.push(tensor);
    const [rows, columns] = matrixOf(shape);
    return this.allocateBlocks(tensor, [size / (rows * columns), rows, columns]);
  }

  /** Frees scratch surfaces before the call ends. */
  release(...surfaces: readonly Surface[]): void {
    for (const surface of surfaces) {
      const tensor = this.scratch.get(surface);
      if (tensor !== undefined) this.backend.disposeIntermediateTensorInfo(tensor);
      this.scratch.delete(surface);
    }
  }

  /** Draws the target's texels, or only [start, end). */
  draw<Input extends string, Int extends string, Float extends string>(
    program: Shader<Input, Int, Float>,
    call: Draw<Input, Int, Float>,
    start = 0,
    end = call.target.size,
  ): void {
    draw(this.backend, program, call, start, end);
  }

  /** Draws points or rectangles that are added to the target. */
  drawAdded<Input extends string, Int extends string, Float extends string>(
    program: Shader<Input, Int, Float>,
    call: Draw<Input, Int, Float>,
    count: number,
  ): void {
    drawAdded(this.backend, program, call, count);
  }

  clear(surface: Surface): void {
    clear(this.backend, surface);
  }

  finish(): tf.TensorInfo[] {
    this.release(...this.scratch.keys());
    return this.outputs;
  }

  abandon(): void {
    this.release(...this.scratch.keys());
    for (const tensor of this.outputs) this.backend.disposeIntermediateTensorInfo(tensor);
  }

  private allocateBlocks({ dataId }: tf.TensorInfo, matrices: readonly [number, number, number]): Surface {
    this.backend.texData.get(dataId).isPacked = true;
    this.backend.uploadToGPU(dataId);
    const { texture, texShape } = this.backend.texData.get(dataId);
    return blocksOf(texture!.texture, texShape!, matrices);
  }

  private allocateQuads({ dataId }: tf.TensorInfo, count: number): Surface {
    // A width that is a power of two: shaders find a texel without division.
    const width = 2 ** Math.ceil(Math.log2(Math.max(4, Math.sqrt(count))));
    const height = Math.ceil(count / width);
    const data = this.backend.texData.get(dataId);
    data.isPacked = true;
    data.shape = [count, 2, 2];
    data.texShape = [2 * height, 2 * width];
    this.backend.uploadToGPU(dataId);
    const { texture } = this.backend.texData.get(dataId);
    return { texture: texture!.texture, width, height, first: 0, size: count, pairs: [1, 1] };
  }

  private allocate({ dataId }: tf.TensorInfo, size: number): Surface {
    this.backend.uploadToGPU(dataId);
    const { texture, texShape } = this.backend.texData.get(dataId);
    const [height, width] = texShape!;
    return { texture: texture!.texture, width, height, first: 0, size, pairs: [0, 0] };
  }
}

/** Runs one kernel call on surfaces; if its body throws, everything that it allocated is released. */
export const runWebGL: RunCall<WebGLCall> = (args, body) => {
  if (tf.env().getNumber('WEBGL_VERSION') !== 2) {
    throw new UnsupportedBackendError('run a WebGL kernel', 'webgl', 'the device must have WebGL 2');
  }
  const call = new WebGLCall(args);
  try {
    body(call);
    return call.finish();
  } catch (error) {
    call.abandon();
    throw error;
  }
};

/** {@link runWebGL} for kernels with one output. */
export function runWebGLSingle(args: KernelArguments, body: (call: WebGLCall) => void): tf.TensorInfo {
  return runWebGL(args, body)[0]!;
}

/** Rows and columns of the matrices in a shape. */
function matrixOf(shape: readonly number[]): readonly [number, number] {
  return [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
}

/** Packed texture of a batch of matrices in TensorFlow.js. */
function blocksOf(
  texture: WebGLTexture,
  [rows, columns]: readonly [number, number],
  [batch, height, width]: readonly [number, number, number],
): Surface {
  const pairs = [Math.ceil(height / 2), Math.ceil(width / 2)] as const;
  return {
    texture,
    width: Math.max(1, Math.ceil(columns / 2)),
    height: Math.max(1, Math.ceil(rows / 2)),
    first: 0,
    size: batch * pairs[0] * pairs[1],
    pairs,
  };
}

/** Unpacks a packed tensor, element by element. */
const unpack = shader(
  'flat',
  { matrix: 'blocks' },
  ['rows', 'columns'],
  `
float value(int index) {
  int row = index / columns;
  return matrix(row / rows, row % rows, index % columns);
}`,
);

const unpackQuads = shader(
  'flat',
  { quads: 'quads' },
  [],
  'float value(int index) { return quads(index >> 2)[index & 3]; }',
);
