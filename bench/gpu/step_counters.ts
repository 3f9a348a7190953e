/** Measures a training step on WebGPU in this process and on WebGL in headless Chromium. */
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { bundle, modulePath } from '../../test/browser/bundle.js';
import { openBrowser, openPage } from '../../test/browser/session.js';
import { loadWebGPU, openWebGPU, webgpuAbsence } from '../../test/support/webgpu.js';
import { restartWebGPU, type Backend } from './counters.js';
import { measureStep, SIDES, type PartCost } from './measure_step.js';

/** Costs of a training step with the layers of both sides. */
export type StepCosts = Readonly<Record<Backend, readonly PartCost[]>>;

async function stepOnWebGPU(): Promise<readonly PartCost[]> {
  await openWebGPU();
  const reason = webgpuAbsence();
  if (reason !== undefined) throw new Error(`Cannot measure on WebGPU: ${reason}`);
  loadWebGPU();
  const costs: PartCost[] = [];
  for (const side of SIDES) {
    console.log(`training step, ${side}, WebGPU`);
    const recorder = await restartWebGPU();
    costs.push(...(await measureStep(side, recorder, submitAndWait)));
  }
  return costs;
}

/** The backend submits its work in batches. */
async function submitAndWait(): Promise<void> {
  const backend = tf.backend() as unknown as Readonly<
    Record<'ensureCommandEncoderReady' | 'endComputePassEncoder' | 'submitQueue', () => void>
  > & { readonly queue: GPUQueue };
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.queue.onSubmittedWorkDone();
}

async function stepOnWebGL(): Promise<readonly PartCost[]> {
  const opened = await openBrowser();
  if ('absent' in opened) throw new Error(`Cannot measure on WebGL: ${opened.absent}`);
  try {
    const root = path.resolve(__dirname, '../..');
    const entry = path.join(__dirname, 'webgl_page.ts');
    const modules = await bundle(root, [entry]);
    const costs: PartCost[] = [];
    for (const side of SIDES) {
      console.log(`training step, ${side}, WebGL`);
      const page = await openPage(opened.browser, modules);
      const found = await page.evaluate(
        async ([module, layers]) => {
          const { measureStepOnWebGL } = (await import(module)) as typeof import('./webgl_page.js');
          return measureStepOnWebGL(layers);
        },
        [modulePath(root, entry), side] as const,
      );
      costs.push(...found);
      await page.close();
    }
    return costs;
  } finally {
    await opened.browser.close();
  }
}

export const STEP_COUNTERS = { webgl: stepOnWebGL, webgpu: stepOnWebGPU } as const;
