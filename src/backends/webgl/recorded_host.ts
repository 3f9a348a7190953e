/** Members of the TensorFlow.js webgl backend that a recording replaces or uses; some are private there. */
import type * as tf from '@tensorflow/tfjs';

/** A texture of the backend's pool. */
export interface PooledTexture {
  readonly texture: WebGLTexture;
  readonly texShape: readonly [number, number];
}

/** State of one tensor. */
export interface RecordedTexData {
  shape: number[];
  dtype: tf.DataType;
  /** Set while the values are on the CPU. */
  values?: ArrayLike<number> | null;
  refCount: number;
  texture?: PooledTexture | null;
  texShape?: readonly [number, number] | null;
  isPacked?: boolean;
  usage?: number | null;
  /** Set for a tensor that is a part of another one's texture. */
  slice?: { readonly flatOffset: number; readonly origDataId: object } | null;
}

/** Pool of textures. */
export interface TextureManager {
  acquireTexture(shape: readonly [number, number], usage: number | null | undefined, isPacked?: boolean): PooledTexture;
  releaseTexture(
    texture: PooledTexture,
    shape: readonly [number, number],
    usage: number | null | undefined,
    isPacked?: boolean,
  ): void;
  dispose(): void;
}

/** The backend. */
export interface RecordedWebGL {
  readonly gpgpu: {
    readonly gl: WebGL2RenderingContext;
    readonly outputTexture: WebGLTexture | null;
    readonly program: WebGLProgram | null;
  };
  readonly textureManager: TextureManager;
  readonly texData: { has(dataId: object): boolean; get(dataId: object): RecordedTexData };
  /** Tensors that are parts of a texture, by the data of the whole. */
  readonly dataRefCount: WeakMap<object, number>;
  /** Data that is being read. */
  readonly pendingRead: WeakMap<object, unknown>;
  readonly numBytesInGPU: number;
  /** Set while the host measures its kernels. */
  readonly activeTimers?: unknown;
  readonly disposed: boolean;
  uploadToGPU(dataId: object): void;
  makeTensorInfo(shape: readonly number[], dtype: tf.DataType, values?: unknown): tf.TensorInfo;
  acquireTexture(
    shape: readonly [number, number],
    usage: number | null | undefined,
    dtype: tf.DataType,
    isPacked?: boolean,
  ): PooledTexture;
  incRef(dataId: object): void;
  readonly readSync: (dataId: object) => unknown;
  readonly read: (dataId: object) => unknown;
  readonly readToGPU: (dataId: object) => unknown;
  disposeData(dataId: object): boolean;
}

/** Tests for the backend, under whatever name it is registered. */
export function isWebGL(backend: unknown): backend is RecordedWebGL {
  return typeof backend === 'object' && backend !== null && 'gpgpu' in backend && 'textureManager' in backend;
}
