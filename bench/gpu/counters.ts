/** Counts on WebGPU in this process and on WebGL in headless Chromium. */
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { bundle, modulePath } from '../../test/browser/bundle.js';
import { openBrowser, openPage } from '../../test/browser/session.js';
import { loadWebGPU, openWebGPU, webgpuAbsence } from '../../test/support/webgpu.js';
import { count, type Counted } from './count.js';
import { countHalf, type HalfCount } from './half_precision.js';
import type { Recorder } from './recording.js';
import { watchWebGPU } from './webgpu_recorder.js';
import { LISTS } from './works.js';

type List = keyof typeof LISTS;
export type Backend = 'webgl' | 'webgpu';
export type Counts = Readonly<Record<List, readonly Counted[]>>;

const names = Object.keys(LISTS) as List[];

/** Calls `measure` for every workload of both lists, one after the other. */
async function each(measure: (list: List, index: number) => Promise<Counted>): Promise<Counts> {
  const counts: Record<List, Counted[]> = { operators: [], roofline: [] };
  for (const list of names) {
    for (const [index, { title, image }] of LISTS[list].entries()) {
      console.log(`${title} ${image.join(' × ')}`);
      counts[list].push(await measure(list, index));
    }
  }
  return counts;
}

/** Starts the backend anew. */
export async function restartWebGPU(): Promise<Recorder> {
  const start = tf.findBackendFactory('webgpu');
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', start);
  await tf.setBackend('webgpu');
  return watchWebGPU();
}

async function countWebGPU(): Promise<Counts & { readonly half: readonly HalfCount[] }> {
  await openWebGPU();
  const reason = webgpuAbsence();
  if (reason !== undefined) throw new Error(`Cannot count on WebGPU: ${reason}`);
  loadWebGPU();
  const counts = await each(async (list, index) =>
    count(LISTS[list][index]!, await restartWebGPU(), { twice: list === 'operators' }),
  );
  return { ...counts, half: await countHalf(await restartWebGPU()) };
}

async function countWebGL(): Promise<Counts> {
  const opened = await openBrowser();
  if ('absent' in opened) throw new Error(`Cannot count on WebGL: ${opened.absent}`);
  try {
    const root = path.resolve(__dirname, '../..');
    const entry = path.join(__dirname, 'webgl_page.ts');
    const modules = await bundle(root, [entry]);
    const counts = await each(async (list, index) => {
      const page = await openPage(opened.browser, modules);
      try {
        return await page.evaluate(
          async ([module, ...work]) => {
            const { countOnWebGL } = (await import(module)) as typeof import('./webgl_page.js');
            return countOnWebGL(...work);
          },
          [modulePath(root, entry), list, index] as const,
        );
      } finally {
        await page.close();
      }
    });
    return counts;
  } finally {
    await opened.browser.close();
  }
}

export const COUNTERS = { webgl: countWebGL, webgpu: countWebGPU } as const satisfies Readonly<
  Record<Backend, () => Promise<Counts>>
>;
