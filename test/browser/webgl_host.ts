/** The host's webgl backend, as far as the tests reach into it. */
import * as tf from '@tensorflow/tfjs';

export interface Host {
  readonly gpgpu: { readonly gl: WebGL2RenderingContext };
  readonly texData: { get(dataId: object): { isPacked?: boolean; shape: number[]; slice?: object | null } };
  uploadToGPU(dataId: object): void;
}

export function host(): Host {
  const backend: unknown = tf.backend();
  return backend as Host;
}
