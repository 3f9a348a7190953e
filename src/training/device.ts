/** The graphics device on which the active backend computes, and its loss. */
import * as tf from '@tensorflow/tfjs';
import { show } from '../errors.js';

/** Milliseconds within which a device reports its loss after an error that the loss has caused. */
const REPORTED_WITHIN = 200;

/** A graphics device that is gone, and with it all tensors on it. */
export class LostDeviceError extends Error {
  override readonly name = 'LostDeviceError';

  constructor(
    action: string,
    readonly backend: string,
    reason: string,
  ) {
    super(`Cannot ${action}: the graphics device of ${backend} must not be lost, received reason = ${show(reason)}`);
  }
}

/** The device of the backend that is active when this is made. */
export class Device {
  /** False on backends that compute without one. */
  readonly exists: boolean;
  private readonly loss: Promise<void>;
  private error: LostDeviceError | undefined;
  /** Ends the work under way. */
  private abandon: ((error: Error) => void) | undefined;

  constructor(action: string) {
    const name = tf.getBackend();
    const lost = lossOf(tf.backend());
    this.exists = lost !== undefined;
    this.loss = (lost ?? new Promise<string>(() => undefined)).then((reason) => {
      this.error = new LostDeviceError(action, name, reason);
      this.abandon?.(this.error);
    });
  }

  /**
   * Runs work on the device, one piece at a time. The host would wait for a lost one forever, or take what it finds for
   * results.
   *
   * @throws LostDeviceError if the device is lost before the work is done
   */
  async use<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      // Promise.race() would keep something of each piece of work until the loss.
      const result = await new Promise<Result>((resolve, reject) => {
        this.abandon = reject;
        work().then(resolve, reject);
      });
      this.check();
      return result;
    } catch (error) {
      if (this.exists) await Promise.race([this.loss, after(REPORTED_WITHIN)]);
      this.check();
      throw error;
    }
  }

  private check(): void {
    if (this.error) throw this.error;
  }
}

/** Resolves with the reason when the device of a backend is lost; undefined if the backend has none. */
function lossOf(backend: unknown): Promise<string> | undefined {
  const { device, gpgpu } = backend as {
    readonly device?: { readonly lost: Promise<{ readonly message: string }> };
    readonly gpgpu?: { readonly gl: { readonly canvas: EventTarget } };
  };
  if (device) return device.lost.then(({ message }) => message || 'unknown');
  if (!gpgpu) return undefined;
  return new Promise((resolve) => {
    gpgpu.gl.canvas.addEventListener('webglcontextlost', () => {
      resolve('the WebGL context is gone');
    });
  });
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
