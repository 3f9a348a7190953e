/** The parts of the TensorFlow.js webgl backend that the WebGL kernels use. All of them are public there. */
import type * as tf from '@tensorflow/tfjs';

/** State of one tensor in the TensorFlow.js webgl backend: its texture, once uploaded. */
export interface TextureData {
  readonly texture?: { readonly texture: WebGLTexture } | null;
  /** [rows, columns] in elements: about twice the size in texels for a packed texture. */
  texShape?: readonly [number, number] | null;
  /** True if a texel stores a block of 2 × 2 elements of the last two axes. */
  isPacked?: boolean;
  /** Shape that determines the layout of a packed texture. */
  shape: readonly number[];
  /** Set for a tensor that is a slice of another one's texture. */
  readonly slice?: { readonly flatOffset: number } | null;
}

/** Members of the TensorFlow.js webgl backend that the kernels use. */
export interface WebGLBackend {
  readonly gpgpu: {
    readonly gl: WebGL2RenderingContext;
    bindVertexArray(vao: WebGLVertexArrayObject): void;
    /** Makes this texture the target of draws, over its full size. */
    setOutputMatrixTexture(texture: WebGLTexture, rows: number, columns: number): void;
  };
  readonly texData: { get(dataId: object): TextureData };
  /** Creates the tensor's texture, with its values if they are on the CPU. */
  uploadToGPU(dataId: object): void;
  makeTensorInfo(shape: number[], dtype: 'float32', values?: Float32Array): tf.TensorInfo;
  disposeIntermediateTensorInfo(tensor: tf.TensorInfo): void;
  readSync(dataId: object): Float32Array;
}
