/** Backends of TensorFlow.js in this worker: detecting them, choosing the best, starting one, and noticing its loss. */
import * as tf from '@tensorflow/tfjs';
import { messageOf } from '../shared/message_of.js';
import { BACKENDS, type BackendName } from './backend_names.js';
import { activateWasm, prepareWasm } from './wasm_backend.js';

export type { BackendName } from './backend_names.js';

/** Information about a backend that is available without starting it. */
export interface ProbedBackend {
  readonly name: BackendName;
  /** Reason why it cannot be used here; absent if it can. */
  readonly reason?: string;
  /** Device that it runs on. */
  readonly device: string;
  /** True if the device is a software renderer, which is slower than wasm on the same CPU. */
  readonly isSoftware: boolean;
  /** True for the first backend that works, except software renderers. */
  readonly isPreferred: boolean;
}

type Found = Omit<ProbedBackend, 'name' | 'isPreferred'>;

const absent = (reason: string): Found => ({ reason, device: 'none', isSoftware: false });

/** Names of software renderers. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render|lavapipe/i;

/** Lists all backends, with the reason if one does not work here. Starts none of them. */
export async function probeBackends(): Promise<readonly ProbedBackend[]> {
  const found: Readonly<Record<BackendName, Found>> = {
    webgpu: await probeWebgpu(),
    webgl: probeWebgl(),
    wasm: probeWasm(),
    cpu: { device: 'JavaScript on one processor core', isSoftware: false },
  };
  const preferred = BACKENDS.find((name) => found[name].reason === undefined && !found[name].isSoftware);
  return BACKENDS.map((name) => ({ name, ...found[name], isPreferred: name === preferred }));
}

/**
 * Activates a backend, after checking that it computes correctly.
 *
 * @throws Error with the reason if it does not start; the previous backend is then active again
 */
export async function startBackend(name: BackendName): Promise<void> {
  const before = BACKENDS.find((candidate) => candidate === tf.getBackend());
  try {
    // Registers itself when imported; large, so it is loaded only when needed.
    if (name === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
    if (!(await (name === 'wasm' ? activateWasm() : tf.setBackend(name)))) throw new Error('its device did not answer');
    const probe = tf.tidy(() => tf.sum(tf.mul(tf.tensor1d([1, 2]), 2)));
    const [sum] = await probe.data();
    probe.dispose();
    if (sum !== 6) throw new Error(`it computed ${String(sum)} where 6 is right`);
  } catch (error) {
    if (before !== undefined) await tf.setBackend(before);
    throw new Error(`The backend ${name} did not start: ${messageOf(error)}`, { cause: error });
  }
}

/** The graphics device of a backend is gone, and everything on it. */
export class BackendLostError extends Error {
  constructor(backend: string, reason: string) {
    super(`The backend ${backend} was lost: ${reason}.`);
  }
}

/** True if the active backend has lost its WebGL context, also before that is reported: reads give zeros then. */
export function isContextLost(): boolean {
  const backend: unknown = tf.backend();
  return hasCanvas(backend) && backend.gpgpu.gl.isContextLost();
}

/** Resolves with the reason when the active backend loses its GPU device; never on backends without one. */
export async function backendLost(): Promise<string> {
  const backend: unknown = tf.backend();
  if (hasDevice(backend)) {
    const { message } = await backend.device.lost;
    return message || 'the graphics device is gone';
  }
  return new Promise((resolve) => {
    if (!hasCanvas(backend)) return;
    backend.gpgpu.gl.canvas.addEventListener('webglcontextlost', () => {
      resolve(CONTEXT_LOST);
    });
  });
}

export const CONTEXT_LOST = 'the WebGL context is gone';

/** The part of the WebGPU backend that is used here. */
function hasDevice(backend: unknown): backend is { device: GPUDevice } {
  return typeof backend === 'object' && backend !== null && 'device' in backend;
}

/** The part of the WebGL backend that is used here. */
function hasCanvas(backend: unknown): backend is { gpgpu: { gl: WebGL2RenderingContext } } {
  return typeof backend === 'object' && backend !== null && 'gpgpu' in backend;
}

async function probeWebgpu(): Promise<Found> {
  if (!('gpu' in navigator)) return absent('this browser has no WebGPU, or only on addresses with https');
  try {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) return absent('the browser found no graphics device for WebGPU');
    const { vendor, architecture, device, description } = adapter.info;
    const words = [...new Set([description, vendor, architecture, device])].filter((word) => word !== '').join(', ');
    return { device: words || 'a graphics device', isSoftware: SOFTWARE.test(words) };
  } catch (error) {
    return absent(`WebGPU failed (${messageOf(error)})`);
  }
}

function probeWebgl(): Found {
  // In a worker, TensorFlow.js can use only an OffscreenCanvas.
  if (typeof OffscreenCanvas === 'undefined') return absent('this browser has no WebGL in workers');
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (gl === null) return absent('this browser has no WebGL 2, or it is switched off');
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const device = String(gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL));
  // Browsers limit the number of contexts.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { device, isSoftware: SOFTWARE.test(device) };
}

function probeWasm(): Found {
  if (typeof WebAssembly === 'undefined') return absent('this browser has no WebAssembly');
  const threads = prepareWasm();
  return { device: `WebAssembly on ${threads === 1 ? 'one thread' : `${threads} threads`}`, isSoftware: false };
}
