/**
 * Kernels of the region operators on WebGL: boxes stay on the device, and every invocation computes its own bin
 * (src/ops/roi/webgl_regions.ts). The gradient of the image is a scatter (src/backends/webgl/scatter.ts): one rectangle
 * per bin and chunk of channels for means, one point per element for maxima.
 */
import type * as tf from '@tensorflow/tfjs';
import { runWebGL, runWebGLSingle, type WebGLCall } from '../../backends/webgl/adapter.js';
import { takeLanes } from '../../backends/webgl/lanes.js';
import type { Surface } from '../../backends/webgl/program.js';
import { canBlend } from '../../backends/webgl/scatter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { spread, spreadToMaxima } from './apply.js';
import { regionNumbers, type Numbers, type RegionForm } from './form.js';
import type { RoiGeometry } from './geometry.js';
import type { RoiKernels, RoiKernelNames } from './kernels.js';
import type { Planner, Regions } from './plan.js';
import { readRegions } from './regions.js';
import { collectPages, pagesOf } from './webgl_pages.js';
import { MAXIMUM, WEIGHTED } from './webgl_shaders.js';

type Boxes = Readonly<Record<'boxes' | 'boxImages' | 'offset', Surface>>;

function boxesOf(call: WebGLCall): Boxes {
  return { boxes: call.input('boxes'), boxImages: call.input('boxIndices'), offset: call.input('offset') };
}

function numbersOf<G extends RoiGeometry>(form: RegionForm<G>, g: G): Numbers {
  return { ...regionNumbers(form, g), deformed: g.deformed === true ? 1 : 0 };
}

const imageShape = (g: RoiGeometry): number[] => [g.batch, g.inHeight, g.inWidth, g.inChannels];
const outputShape = (g: RoiGeometry): number[] => [g.boxCount, g.outHeight, g.outWidth, g.outChannels];

/** Forward kernel: a shader over the elements of y. */
function forwardKernel<G extends RoiGeometry>(
  kernelName: string,
  form: RegionForm<G>,
  shader: (typeof MAXIMUM)['maximum'],
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgl',
    kernelFunc: (args: KernelArguments) => {
      const g = args.attrs as G;
      return runWebGLSingle(args, (call) => {
        const numbers = numbersOf(form, g);
        const inputs = { ...boxesOf(call), image: call.input('x') };
        const target = call.output(outputShape(g));
        call.draw(shader, { inputs, ints: numbers, floats: numbers, target });
      });
    },
  };
}

/** Falls back to the CPU to sum dx, the next output of the call. */
function readBack(call: WebGLCall, g: RoiGeometry, add: (dx: Float32Array) => void): void {
  const dx = new Float32Array(sizeOf(imageShape(g)));
  add(dx);
  call.upload(imageShape(g), dx);
}

/** Reads the regions for a planner; boxes that read nothing in the shaders read nothing in the plan either. */
function readableRegions(args: KernelArguments, { batch, deformed }: RoiGeometry): Regions {
  const regions = readRegions(args, deformed === true);
  const boxes = Float32Array.from(regions.boxes);
  const indices = Int32Array.from(regions.indices);
  indices.forEach((image, box) => {
    const edges = boxes.subarray(box * 4, box * 4 + 4);
    if (image >= 0 && image < batch && edges.every(Number.isFinite)) return;
    edges.fill(NaN);
    indices[box] = 0;
  });
  return { ...regions, boxes, indices };
}

/** Kernels whose bins are means of samples. Backward computes dx and, if there are offsets, doffset. */
export function weightedKernels<G extends RoiGeometry>(
  names: RoiKernelNames,
  form: RegionForm<G>,
  plan: Planner<G>,
): RoiKernels {
  const shaders = WEIGHTED[form.sampling];

  function imageGradient(call: WebGLCall, args: KernelArguments, numbers: Numbers, boxes: Boxes): void {
    const g = args.attrs as G;
    const pages = canBlend(call) ? pagesOf(g, numbers) : undefined;
    if (pages === undefined) {
      readBack(call, g, (dx) => {
        spread(plan(g, readableRegions(args, g)), g, call.read('dy'), dx);
      });
      return;
    }
    const inputs = { ...boxes, upstream: call.input('dy') };
    const dx = call.output(imageShape(g));
    const rectangles = g.boxCount * g.outHeight * g.outWidth * numbers['classes']! * pages.chunks;
    collectPages(call, g, numbers, pages, dx, (target, ints) => {
      call.drawAdded(shaders.spread, { inputs, ints, floats: numbers, target }, rectangles);
    });
  }

  function offsetGradient(call: WebGLCall, args: KernelArguments, numbers: Numbers, boxes: Boxes): void {
    const inputs = { ...boxes, image: call.input('x'), upstream: call.input('dy') };
    const doffset = call.output(args.inputs['offset']!.shape);
    const elements = doffset.size / 2;
    const gradients = call.texels(elements);
    call.draw(shaders.offset, { inputs, ints: numbers, floats: numbers, target: gradients });
    takeLanes(call, gradients, { lane: 0, count: 2 }, doffset, [0, elements]);
  }

  return {
    forward: forwardKernel(names.forward, form, shaders.mean),
    backward: {
      kernelName: names.backward,
      backendName: 'webgl',
      kernelFunc: (args: KernelArguments) => {
        const g = args.attrs as G;
        const numbers = numbersOf(form, g);
        return runWebGL(args, (call) => {
          const boxes = boxesOf(call);
          imageGradient(call, args, numbers, boxes);
          if (g.deformed === true) offsetGradient(call, args, numbers, boxes);
        });
      },
    },
  };
}

/** Kernels whose bins are the maximum of their pixels. */
export function maximumKernels<G extends RoiGeometry>(
  names: RoiKernelNames,
  form: RegionForm<G>,
  plan: Planner<G>,
): RoiKernels {
  return {
    forward: forwardKernel(names.forward, form, MAXIMUM.maximum),
    backward: {
      kernelName: names.backward,
      backendName: 'webgl',
      kernelFunc: (args: KernelArguments) => {
        const g = args.attrs as G;
        return runWebGLSingle(args, (call) => {
          if (!canBlend(call)) {
            readBack(call, g, (dx) => {
              spreadToMaxima(plan(g, readableRegions(args, g)), g, call.read('x'), call.read('dy'), dx);
            });
            return;
          }
          const numbers = numbersOf(form, g);
          const inputs = { ...boxesOf(call), image: call.input('x'), upstream: call.input('dy') };
          const target = call.output(imageShape(g));
          call.clear(target);
          call.drawAdded(MAXIMUM.spread, { inputs, ints: numbers, floats: numbers, target }, sizeOf(outputShape(g)));
        });
      },
    },
  };
}
