/** Backends of packages that are installed beside this one: tfjs-node, and webgpu with Dawn's implementation for Node. */
import { createRequire } from 'node:module';
import { loadOptional } from '../support/optional_package.js';
import type { BackendName } from './model_names.js';

const ACTION = 'start';

/** Packages of each optional backend, as `npm install` takes them. */
const PACKAGES = {
  tensorflow: '@tensorflow/tfjs-node',
  webgpu: 'webgpu @tensorflow/tfjs-backend-webgpu',
} as const satisfies Partial<Record<BackendName, string>>;

type OptionalBackend = keyof typeof PACKAGES;

/** Part of the package `webgpu` that is used. */
interface Dawn {
  readonly create: (options: readonly string[]) => { requestAdapter(): Promise<unknown> };
  readonly globals: object;
}

/** Implementation of WebGPU; without it its devices crash, and they do not keep it. */
let gpu: ReturnType<Dawn['create']> | undefined;

/** Registers a backend, unless it comes with this package. */
export async function loadBackend(name: BackendName): Promise<void> {
  if (name === 'tensorflow') await loadTensorFlow();
  if (name === 'webgpu') await loadWebGPU();
}

/** Names of the optional backends whose packages are installed; whether they start is another question. */
export function installedBackends(): OptionalBackend[] {
  const { resolve } = createRequire(__filename);
  const isInstalled = (name: string): boolean => {
    try {
      return resolve(name) !== '';
    } catch {
      return false;
    }
  };
  const names = Object.keys(PACKAGES) as OptionalBackend[];
  return names.filter((name) => PACKAGES[name].split(' ').every(isInstalled));
}

async function loadTensorFlow(): Promise<void> {
  // Its library would log to stderr.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // It captures the current logger, for a progress bar that it adds to every fit.
  const { log } = console;
  console.log = (): void => undefined;
  try {
    await loadOptional(ACTION, PACKAGES.tensorflow, () => {
      const load: (name: string) => unknown = createRequire(__filename);
      return load(PACKAGES.tensorflow);
    });
  } catch (error) {
    if (!String(error).includes('tfjs_binding')) throw error;
    throw new Error(
      `Cannot start: ${PACKAGES.tensorflow} must have its native library (docs/tfjs_node.md), received backend = 'tensorflow'`,
      { cause: error },
    );
  } finally {
    console.log = log;
  }
}

async function loadWebGPU(): Promise<void> {
  const dawn = await loadOptional(ACTION, PACKAGES.webgpu, async () => {
    const name = 'webgpu';
    return (await import(name)) as Dawn;
  });
  gpu ??= dawn.create([]);
  // Without an adapter the backend would start and then fail.
  if ((await gpu.requestAdapter()) === null) {
    throw new Error("Cannot start: this machine must have a WebGPU adapter, received backend = 'webgpu'");
  }
  Object.assign(globalThis, dawn.globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true, writable: true });
  await loadOptional(ACTION, PACKAGES.webgpu, () => {
    const load: (name: string) => unknown = createRequire(__filename);
    return load('@tensorflow/tfjs-backend-webgpu');
  });
}
