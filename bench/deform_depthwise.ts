/** What does a depthwise deformable convolution cost, beside those of others? */
import type { Question } from './support/question.js';
import { DEPTHWISE, GRADIENTS, bothThreads, deformInputs, titleOf } from './support/shapes.js';

export const deformDepthwise: Question = {
  name: 'deform_depthwise',
  title: 'Depthwise modulated deformable convolution, 3×3, offsets of one pixel (standard normal)',
  comparisons: DEPTHWISE.flatMap((shape) => {
    const inputs = deformInputs(shape, { depthwise: true });
    const work = { work: 'deformConv2d' };
    const all = { ...work, params: GRADIENTS };
    const title = titleOf(shape);
    const forward = 'depthwise deformConv2d forward, wasm';
    return [
      {
        title,
        inputs,
        sides: {
          ours: { peer: 'wasm', ...work },
          web: { peer: 'onnxruntime-web', ...work },
          ...bothThreads('native', { peer: 'onnxruntime-node', ...work }),
        },
        targets: [
          { work: forward, against: 'onnxruntime-web', ours: 'ours', peers: ['web'], limit: 0.25 },
          { work: forward, against: 'onnxruntime-node', ours: 'ours', peers: ['native1', 'native2'], limit: 0.7 },
        ],
      },
      {
        title,
        inputs,
        sides: { ours: { peer: 'wasm', ...all }, ...bothThreads('torch', { peer: 'torch', ...all }) },
        targets: [
          {
            work: 'depthwise deformConv2d forward + all gradients, wasm',
            against: 'torchvision',
            ours: 'ours',
            peers: ['torch1', 'torch2'],
            limit: 0.03,
          },
        ],
      },
    ] as const;
  }),
};
