/** Benchmark: inference time of MobileNetV1 on WebAssembly. */
import { networkInputs } from './support/mobilenet.js';
import type { Question } from './support/question.js';

const NETWORK = { size: 224, batch: 1, alpha: 1, classes: 1000 } as const;
const PARAMS = { alpha: NETWORK.alpha, classes: NETWORK.classes } as const;

export const inference: Question = {
  name: 'inference',
  title: 'Inference of MobileNetV1 with the same weights',
  comparisons: [
    {
      title: `${NETWORK.size}², batch ${NETWORK.batch}`,
      inputs: networkInputs(NETWORK),
      sides: {
        ours: { peer: 'wasm', work: 'inference', params: { ...PARAMS, layers: 'own' } },
        stock: { peer: 'wasm', work: 'inference', params: { ...PARAMS, layers: 'stock' } },
      },
      targets: [
        {
          work: 'MobileNetV1 α = 1, inference, wasm, batch norm folded',
          against: 'stock layers, wasm',
          ours: 'ours',
          peers: ['stock'],
          limit: 0.65,
        },
      ],
    },
  ],
};
