/**
 * One layer of every kind on the same image: output size and cost. Takes a second.
 *
 *   npm run example -- examples/node/building_blocks.ts [--channels 64] [--filters 64] [--size 32]
 */
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      channels: { type: 'string', default: '64' },
      filters: { type: 'string', default: '64' },
      size: { type: 'string', default: '32' },
    },
  });
  const [channels, filters, size] = [Number(values.channels), Number(values.filters), Number(values.size)];
  const square = { kernelSize: 3, padding: 'same', useBias: false } as const;

  await tf.setBackend('wasm');
  const layers: Readonly<Record<string, tf.layers.Layer>> = {
    plain: conv.layers.conv2d({ filters, ...square }),
    'strided by 2': conv.layers.conv2d({ filters, strides: 2, ...square }),
    'dilated by 2': conv.layers.dilatedConv2d({ filters, dilationRate: 2, ...square }),
    'transposed, strided by 2': conv.layers.conv2dTranspose({ filters, strides: 2, ...square }),
    'spatially separable': conv.layers.spatiallySeparableConv2d({ filters, ...square }),
    'grouped by 8': conv.layers.groupedConv2d({ filters, groups: 8, ...square }),
    depthwise: conv.layers.depthwiseConv2d(square),
    pointwise: conv.layers.pointwiseConv2d({ filters, useBias: false }),
    'depthwise separable': conv.layers.depthwiseSeparableConv2d({ filters, ...square }),
    deformable: conv.layers.deformableConv2d({ filters, ...square }),
  };

  for (const [name, layer] of Object.entries(layers)) {
    const input = tf.layers.inputLayer({ inputShape: [size, size, channels] });
    const { outputShape, params, macs, offsetMacs } = conv.cost(tf.sequential({ layers: [input, layer] })).layers[0]!;
    const figures = [params.trainable, macs, offsetMacs].map((count) => count.toLocaleString('en').padStart(13));
    console.log(`${name.padEnd(26)}${outputShape.join('×').padStart(10)}${figures.join('')}`);
  }
  console.log('columns: output, parameters, multiply-adds, and those that predict offsets');
}

void main();
