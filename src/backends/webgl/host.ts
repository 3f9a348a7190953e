/** What the WebGL kernels need of the host's webgl backend, and nothing more. All of it is public there. */
import type * as tf from '@tensorflow/tfjs';

export interface TextureData {
  readonly texture?: { readonly texture: WebGLTexture } | null;
  /** [rows, columns] in elements: of a packed texture about twice its size in texels. */
  readonly texShape?: readonly [number, number] | null;
  /** Whether a texel holds a block of 2 × 2 elements of the last two axes. */
  isPacked?: boolean;
  /** The shape by which a packed texture is laid out. */
  readonly shape: readonly number[];
  /** Of a tensor that lies inside another one's texture. */
  readonly slice?: { readonly flatOffset: number } | null;
}

export interface WebGLBackend {
  readonly gpgpu: {
    readonly gl: WebGL2RenderingContext;
    bindVertexArray(vao: WebGLVertexArrayObject): void;
    /** Draws go to this texture, over all of it. */
    setOutputMatrixTexture(texture: WebGLTexture, rows: number, columns: number): void;
  };
  readonly texData: { get(dataId: object): TextureData };
  /** Makes the tensor's texture, with its values if the processor has them. */
  uploadToGPU(dataId: object): void;
  makeTensorInfo(shape: number[], dtype: 'float32', values?: Float32Array): tf.TensorInfo;
  disposeIntermediateTensorInfo(tensor: tf.TensorInfo): void;
  readSync(dataId: object): Float32Array;
}
