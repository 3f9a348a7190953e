/** The backends of TensorFlow.js in this worker: which would start, which is best, starting one, and learning of its loss. */
import * as tf from '@tensorflow/tfjs';
import { messageOf } from '../shared/message_of.js';
import { locateWasm } from './wasm_backend.js';

/** In the order in which they are preferred. */
export const BACKENDS = ['webgpu', 'webgl', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** What can be said of a backend without starting it. */
export interface ProbedBackend {
  readonly name: BackendName;
  /** Why it cannot be used here; absent where it can. */
  readonly reason?: string;
  /** What it computes on. */
  readonly device: string;
  /** Whether the device only plays a graphics card: slower than wasm, on the same processor. */
  readonly isSoftware: boolean;
  /** The first that works, software renderers left out. */
  readonly isPreferred: boolean;
}

type Found = Omit<ProbedBackend, 'name' | 'isPreferred'>;

const absent = (reason: string): Found => ({ reason, device: 'none', isSoftware: false });

/** Names that drivers without a graphics card go by. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render|lavapipe/i;

/** All backends with what keeps one from working here. Starts nothing. */
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
 * Makes a backend the active one, once it has computed something.
 *
 * @throws Error that says why it did not start; the backend from before is then active again
 */
export async function startBackend(name: BackendName): Promise<void> {
  const before = BACKENDS.find((candidate) => candidate === tf.getBackend());
  try {
    // Registers itself, and is large: only whoever wants it loads it.
    if (name === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
    if (name === 'wasm') locateWasm();
    if (!(await tf.setBackend(name))) throw new Error('its device did not answer');
    const probe = tf.tidy(() => tf.sum(tf.mul(tf.tensor1d([1, 2]), 2)));
    const [sum] = await probe.data();
    probe.dispose();
    if (sum !== 6) throw new Error(`it computed ${String(sum)} where 6 is right`);
  } catch (error) {
    if (before !== undefined) await tf.setBackend(before);
    throw new Error(`The backend ${name} did not start: ${messageOf(error)}`, { cause: error });
  }
}

/** Ends with the reason when the active backend loses its graphics device; never on backends that have none. */
export async function backendLost(): Promise<string> {
  const backend: unknown = tf.backend();
  if (hasDevice(backend)) {
    const { message } = await backend.device.lost;
    return message || 'the graphics device is gone';
  }
  return new Promise((resolve) => {
    if (!hasCanvas(backend)) return;
    backend.gpgpu.gl.canvas.addEventListener('webglcontextlost', () => {
      resolve('the WebGL context is gone');
    });
  });
}

/** The WebGPU backend, as far as it is of use here. */
function hasDevice(backend: unknown): backend is { device: GPUDevice } {
  return typeof backend === 'object' && backend !== null && 'device' in backend;
}

/** The WebGL backend, likewise. */
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
  // TensorFlow.js can only draw off screen in a worker.
  if (typeof OffscreenCanvas === 'undefined') return absent('this browser has no WebGL in workers');
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (gl === null) return absent('this browser has no WebGL 2, or it is switched off');
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const device = String(gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL));
  // Browsers allow few contexts at a time.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { device, isSoftware: SOFTWARE.test(device) };
}

function probeWasm(): Found {
  if (typeof WebAssembly === 'undefined') return absent('this browser has no WebAssembly');
  return { device: 'WebAssembly on one processor core', isSoftware: false };
}
