/** One kernel call on WebGL: from the engine's arguments to surfaces and back. What it takes it gives back at its end. */
import * as tf from '@tensorflow/tfjs';
import { UnsupportedBackendError } from '../../errors.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import type { KernelCall, RunCall } from '../../kernel/kernel_call.js';
import { sizeOf } from '../../kernel/sizes.js';
import type { WebGLBackend } from './host.js';
import { clear, draw, drawAdded, zeroOf, type Draw, type Surface } from './program.js';
import { shader, type Shader } from './shader.js';

/** Values are surfaces. */
export class WebGLCall implements KernelCall<Surface> {
  private readonly outputs: tf.TensorInfo[] = [];
  private readonly scratch = new Map<Surface, tf.TensorInfo>();
  readonly backend: WebGLBackend;

  constructor(private readonly args: KernelArguments) {
    this.backend = args.backend as WebGLBackend;
  }

  /** Whether textures hold float32; on devices that render to float16 only, they hold that. */
  get precise(): boolean {
    return tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED');
  }

  /** Values of an input, flat; one 0 where it is absent or empty. */
  input(name: string): Surface {
    const tensor = this.args.inputs[name];
    if (tensor === undefined || sizeOf(tensor.shape) === 0) return zeroOf(this.backend);
    const { texData } = this.backend;
    texData.get(tensor.dataId); // moves it here from another backend
    this.backend.uploadToGPU(tensor.dataId);
    const { texture, texShape, isPacked, slice, shape } = texData.get(tensor.dataId);
    const [rows, columns] = texShape!;
    const size = sizeOf(tensor.shape);
    if (isPacked !== true) {
      return {
        texture: texture!.texture,
        width: columns,
        height: rows,
        first: slice?.flatOffset ?? 0,
        size,
        pairs: [0, 0],
      };
    }
    const [height, width] = matrixOf(shape);
    const packed = blocksOf(texture!.texture, texShape!, [sizeOf(shape) / (height * width), height, width]);
    const flat = this.flat(size);
    this.draw(unpack, { inputs: { matrix: packed }, ints: { rows: height, columns: width }, target: flat });
    return flat;
  }

  /** Values of an input on the processor. */
  read(name: string): Float32Array {
    return this.backend.readSync(this.args.inputs[name]!.dataId);
  }

  /** Values of a flat scratch surface on the processor. */
  readScratch(surface: Surface): Float32Array {
    return this.backend.readSync(this.scratch.get(surface)!.dataId);
  }

  /** A new tensor; the tensors of all outputs, in order, are the call's result. */
  output(shape: readonly number[]): Surface {
    const size = sizeOf(shape);
    const tensor = this.backend.makeTensorInfo([...shape], 'float32', size === 0 ? new Float32Array(0) : undefined);
    this.outputs.push(tensor);
    return size === 0 ? { ...zeroOf(this.backend), size: 0 } : this.allocate(tensor, size);
  }

  /** A new tensor of these values, which may be filled in until the call ends. */
  upload(shape: readonly number[], values: Float32Array): void {
    this.outputs.push(this.backend.makeTensorInfo([...shape], 'float32', values));
  }

  /** An uninitialised flat surface. */
  flat(size: number): Surface {
    if (size === 0) return { ...zeroOf(this.backend), size: 0 };
    const tensor = this.backend.makeTensorInfo([size], 'float32');
    const surface = this.allocate(tensor, size);
    this.scratch.set(surface, tensor);
    return surface;
  }

  /** An uninitialised surface of `batch` matrices in blocks. */
  blocks(batch: number, rows: number, columns: number): Surface {
    if (batch * rows * columns === 0) {
      return { ...zeroOf(this.backend), size: 0, pairs: [Math.ceil(rows / 2), Math.ceil(columns / 2)] };
    }
    const tensor = this.backend.makeTensorInfo([batch, rows, columns], 'float32');
    this.backend.texData.get(tensor.dataId).isPacked = true;
    this.backend.uploadToGPU(tensor.dataId);
    const { texture, texShape } = this.backend.texData.get(tensor.dataId);
    const surface = blocksOf(texture!.texture, texShape!, [batch, rows, columns]);
    this.scratch.set(surface, tensor);
    return surface;
  }

  /** An uninitialised surface of texels of four numbers. */
  texels(count: number): Surface {
    return this.blocks(1, 2, count * 2);
  }

  /** The same as rows and columns, at least as many as asked for (and two: the host reshapes narrow textures). */
  grid(rows: number, columns: number): Surface {
    return this.blocks(1, 2 * Math.max(rows, 2), 2 * Math.max(columns, 2));
  }

  /** Gives scratch surfaces back before the end of the call. */
  release(...surfaces: readonly Surface[]): void {
    for (const surface of surfaces) {
      const tensor = this.scratch.get(surface);
      if (tensor !== undefined) this.backend.disposeIntermediateTensorInfo(tensor);
      this.scratch.delete(surface);
    }
  }

  /** Writes the target's texels, or those of [start, end). */
  draw<Input extends string, Int extends string, Float extends string>(
    program: Shader<Input, Int, Float>,
    call: Draw<Input, Int, Float>,
    start = 0,
    end = call.target.size,
  ): void {
    draw(this.backend, program, call, start, end);
  }

  /** Adds points or rectangles to the target. */
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

  private allocate({ dataId }: tf.TensorInfo, size: number): Surface {
    this.backend.uploadToGPU(dataId);
    const { texture, texShape } = this.backend.texData.get(dataId);
    const [height, width] = texShape!;
    return { texture: texture!.texture, width, height, first: 0, size, pairs: [0, 0] };
  }
}

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

/** {@link runWebGL} for kernels of one output. */
export function runWebGL1(args: KernelArguments, body: (call: WebGLCall) => void): tf.TensorInfo {
  return runWebGL(args, body)[0]!;
}

/** Rows and columns of the matrices that a shape consists of. */
function matrixOf(shape: readonly number[]): readonly [number, number] {
  return [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
}

/** The host's packed texture of a batch of matrices. */
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

/** A packed tensor, element by element. */
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
