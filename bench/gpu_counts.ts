/**
 * Counts dispatches, bytes and compiled shaders of the operators on a GPU, and computes lower bounds of the time for
 * specific GPUs. Counts on WebGL in headless Chromium and on WebGPU in Node, on any device; writes gpu_counts.md and
 * gpu_roofline.svg next to this file. Takes some minutes on a software renderer.
 *
 *   npm run -w bench gpu-counts
 */
import fs from 'node:fs';
import path from 'node:path';
import * as prettier from 'prettier';
import { COUNTERS } from './gpu/counters.js';
import { boundsOn, report } from './gpu/report.js';
import { rooflinePlot } from './gpu/roofline_plot.js';

export async function main(): Promise<void> {
  const counts = { webgl: await COUNTERS.webgl(), webgpu: await COUNTERS.webgpu() };
  const file = path.join(__dirname, 'gpu_counts.md');
  const options = await prettier.resolveConfig(file);
  fs.writeFileSync(file, await prettier.format(report(counts), { ...options, parser: 'markdown' }));
  const picture = await rooflinePlot({
    webgl: boundsOn('webgl', counts.webgl),
    webgpu: boundsOn('webgpu', counts.webgpu),
  });
  fs.writeFileSync(path.join(__dirname, 'gpu_roofline.svg'), picture);
}

if (require.main === module) void main();
