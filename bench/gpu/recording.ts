/** What a backend did while something ran, whatever the backend. */
import * as tf from '@tensorflow/tfjs';

/** One draw or dispatch. Bytes are what it must move at the least: each tensor that it touches once. */
export interface Dispatch {
  /** The kernel that asked for it. */
  readonly kernel: string;
  /** What the shader is called, or its inputs. */
  readonly shader: string;
  /** Whether it is the host's own, and none of this package's. */
  readonly host: boolean;
  readonly read: number;
  readonly written: number;
  /** Texels fetched by a matrix product on WebGL, which has no memory that threads share. @default unknown */
  readonly fetched?: number;
}

export interface Recording {
  readonly dispatches: readonly Dispatch[];
  /** Programs compiled, the host's among them. */
  readonly compiled: number;
  /** Bytes of tensors sent to the device. */
  readonly uploaded: number;
  /** Bytes of tensors read back. */
  readonly readBack: number;
}

/** A recording that is being made. */
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

  /** Notes which kernel of the backend is running: it is what their dispatches are listed by. */
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
