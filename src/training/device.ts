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
  /** True once the device is gone, before that is reported, on backends that know. */
  private readonly isGone: () => boolean;
  private error: LostDeviceError | undefined;
  /** Ends the work under way. */
  private abandon: ((error: Error) => void) | undefined;

  constructor(
    private readonly action: string,
    private readonly backend = tf.getBackend(),
  ) {
    const { lost, isGone } = watch(tf.backend());
    this.isGone = isGone;
    this.exists = lost !== undefined;
    this.loss = (lost ?? new Promise<string>(() => undefined)).then((reason) => {
      this.error = new LostDeviceError(action, backend, reason);
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
    this.check();
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
    if (this.isGone()) this.error ??= new LostDeviceError(this.action, this.backend, CONTEXT_LOST);
    if (this.error) throw this.error;
  }
}

const CONTEXT_LOST = 'the WebGL context is gone';

/** Loss of a device. */
interface Watch {
  /** Resolves with the reason when the device is lost; undefined if the backend has none. */
  readonly lost?: Promise<string>;
  readonly isGone: () => boolean;
}

function watch(backend: unknown): Watch {
  const { device, gpgpu } = backend as {
    readonly device?: { readonly lost: Promise<{ readonly message: string }> };
    readonly gpgpu?: { readonly gl: WebGLRenderingContext };
  };
  if (device) return { lost: device.lost.then(({ message }) => message || 'unknown'), isGone: () => false };
  if (!gpgpu) return { isGone: () => false };
  const { gl } = gpgpu;
  // The event comes later than the loss; until then, reads give zeros.
  const lost = new Promise<string>((resolve) => {
    gl.canvas.addEventListener('webglcontextlost', () => {
      resolve(CONTEXT_LOST);
    });
  });
  return { lost, isGone: () => gl.isContextLost() };
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
