/** Members of the TensorFlow.js webgpu backend that a recording replaces or uses; some are private there. */
import type * as tf from '@tensorflow/tfjs';

/** State of one tensor. */
export interface BufferData {
  dtype: tf.DataType;
  shape: number[];
  /** Set while the values are on the CPU. */
  values?: unknown;
  refCount: number;
  resource?: GPUBuffer | null;
  /** True if the backend must not release the buffer. */
  external?: boolean;
}

/** Pool of buffers. */
export interface BufferManager {
  acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GPUBuffer;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
}

/** The backend. */
export interface RecordedWebGPU {
  readonly device: GPUDevice;
  readonly queue: GPUQueue;
  readonly bufferManager: BufferManager;
  readonly tensorMap: { has(dataId: object): boolean; get(dataId: object): BufferData };
  readonly commandEncoder: GPUCommandEncoder | null;
  /** Set while the host measures its kernels. */
  readonly activeTimers?: unknown;
  readonly disposed: boolean;
  uploadToGPU(dataId: object): void;
  makeTensorInfo(shape: readonly number[], dtype: tf.DataType, values?: unknown): tf.TensorInfo;
  incRef(dataId: object): void;
  readonly readSync: (dataId: object) => unknown;
  readonly read: (dataId: object) => unknown;
  readonly readToGPU: (dataId: object) => unknown;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** Tests for the backend, under whatever name it is registered. */
export function isWebGPU(backend: unknown): backend is RecordedWebGPU {
  return typeof backend === 'object' && backend !== null && 'bufferManager' in backend && 'commandEncoder' in backend;
}
