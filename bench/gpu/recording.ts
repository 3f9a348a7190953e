/** Record of the work of any backend while a function runs. */
import * as tf from '@tensorflow/tfjs';

/** One draw or dispatch. Bytes are a lower bound: each tensor that it touches counts once. */
export interface Dispatch {
  /** Kernel that issued it. */
  readonly kernel: string;
  /** Name of the shader, or its inputs. */
  readonly shader: string;
  /** True if it belongs to the host rather than to this package. */
  readonly host: boolean;
  readonly read: number;
  readonly written: number;
  /** Texels fetched by a matrix product on WebGL, which has no shared memory. @default unknown */
  readonly fetched?: number;
}

export interface Recording {
  readonly dispatches: readonly Dispatch[];
  /** Number of programs compiled, including the host's. */
  readonly compiled: number;
  /** Bytes of tensors sent to the device. */
  readonly uploaded: number;
  /** Bytes of tensors read back. */
  readonly readBack: number;
}

/** A recording in progress. */
export class Recorder {
  /** Name of the innermost kernel that the engine runs. */
  kernel = '';
  private running: { dispatches: Dispatch[]; compiled: number; uploaded: number; readBack: number } | undefined;

  dispatch(dispatch: Omit<Dispatch, 'kernel'>): void {
    this.running?.dispatches.push({ kernel: this.kernel, ...dispatch });
  }

  add(what: 'compiled' | 'uploaded' | 'readBack', count: number): void {
    if (this.running !== undefined) this.running[what] += count;
  }

  record(body: () => void): Recording {
    const recording = (this.running = { dispatches: [], compiled: 0, uploaded: 0, readBack: 0 });
    try {
      body();
    } finally {
      this.running = undefined;
    }
    return recording;
  }

  /** Tracks which kernel of the backend is running, since dispatches are listed by kernel. */
  watchKernels(backendName: string): void {
    for (const config of tf.getKernelsForBackend(backendName)) {
      const { kernelName, kernelFunc } = config;
      tf.unregisterKernel(kernelName, backendName);
      tf.registerKernel({
        ...config,
        kernelFunc: (args) => {
          const outer = this.kernel;
          this.kernel = kernelName;
          try {
            return kernelFunc(args);
          } finally {
            this.kernel = outer;
          }
        },
      });
    }
  }
}
