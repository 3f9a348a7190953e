/**
 * Counts dispatches, bytes and compiled shaders of the operators on a GPU, and computes lower bounds of the time for
 * specific GPUs; measures the kernels of one training step. On WebGL in headless Chromium and on WebGPU in Node, on any
 * device; writes gpu_counts.md, gpu_roofline.svg and gpu_step.svg next to this file. Takes some minutes on a software
 * renderer.
 *
 *   npm run -w bench gpu-counts
 */
import fs from 'node:fs';
import path from 'node:path';
import * as prettier from 'prettier';
import { COUNTERS } from './gpu/counters.js';
import { boundsOn, report } from './gpu/report.js';
import { rooflinePlot } from './gpu/roofline_plot.js';
import { STEP_COUNTERS } from './gpu/step_counters.js';
import { stepPlot } from './gpu/step_plot.js';

export async function main(): Promise<void> {
  const counts = { webgl: await COUNTERS.webgl(), webgpu: await COUNTERS.webgpu() };
  const steps = { webgl: await STEP_COUNTERS.webgl(), webgpu: await STEP_COUNTERS.webgpu() };
  const file = path.join(__dirname, 'gpu_counts.md');
  const options = await prettier.resolveConfig(file);
  fs.writeFileSync(file, await prettier.format(report(counts, steps), { ...options, parser: 'markdown' }));
  const pictures = {
    'gpu_roofline.svg': await rooflinePlot({
      webgl: boundsOn('webgl', counts.webgl),
      webgpu: boundsOn('webgpu', counts.webgpu),
    }),
    'gpu_step.svg': await stepPlot(steps),
  };
  for (const [name, picture] of Object.entries(pictures)) fs.writeFileSync(path.join(__dirname, name), picture);
}

if (require.main === module) void main();
