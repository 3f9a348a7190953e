/** Rows of the table of docs/library.md, "Models": sizes of the networks with their default options, from the analysis. */
import type * as tf from '@tensorflow/tfjs';
import * as conv from '../src/index.js';

/** A network of the table. */
export interface ModelRow {
  /** Call that builds it. */
  readonly code: string;
  readonly build: () => tf.LayersModel;
  /** Builds it up to the map that a classifier averages. @default the whole network */
  readonly features?: () => tf.LayersModel;
  /** First author and year, or another title, and its address. */
  readonly source: readonly [title: string, address: string];
}

type Classifier = (options?: conv.ClassifierOptions) => tf.LayersModel;

const paper = (title: string, arxiv: string): ModelRow['source'] => [title, `https://arxiv.org/abs/${arxiv}`];

const classifier = (code: string, build: Classifier, title: string, arxiv: string): ModelRow => ({
  code,
  source: paper(title, arxiv),
  build: () => build(),
  features: () => build({ includeTop: false }),
});

export const MODEL_ROWS: readonly ModelRow[] = [
  classifier('mobileNetV1()', conv.mobileNetV1, 'Howard 2017', '1704.04861'),
  classifier('mobileNetV2()', conv.mobileNetV2, 'Sandler 2018', '1801.04381'),
  classifier('mobileNetV3Small()', conv.mobileNetV3Small, 'Howard 2019', '1905.02244'),
  classifier('mobileNetV3Large()', conv.mobileNetV3Large, 'Howard 2019', '1905.02244'),
  classifier('shuffleNetV1()', conv.shuffleNetV1, 'Zhang 2017', '1707.01083'),
  classifier('shuffleNetV2()', conv.shuffleNetV2, 'Ma 2018', '1807.11164'),
  classifier('squeezeNet()', conv.squeezeNet, 'Iandola 2016', '1602.07360'),
  classifier('xception()', conv.xception, 'Chollet 2017', '1610.02357'),
  classifier('inceptionV3()', conv.inceptionV3, 'Szegedy 2016', '1512.00567'),
  classifier('resNeXt50()', conv.resNeXt50, 'Xie 2017', '1611.05431'),
  classifier(
    'resNeXt50({ cardinality: 1, groupWidth: 64 })',
    (options) => conv.resNeXt50({ ...options, cardinality: 1, groupWidth: 64 }),
    'He 2016',
    '1512.03385',
  ),
  { code: 'deepLabV3()', build: conv.deepLabV3, source: paper('Chen 2017', '1706.05587') },
  {
    code: "deepLabV3({ trunk: 'resNet50' })",
    build: () => conv.deepLabV3({ trunk: 'resNet50' }),
    source: paper('Chen 2017', '1706.05587'),
  },
  { code: 'deepLabV3Plus()', build: conv.deepLabV3Plus, source: paper('Chen 2018', '1802.02611') },
  { code: 'mobileNetUNet()', build: conv.mobileNetUNet, source: paper('Ronneberger 2015', '1505.04597') },
  {
    code: 'denoisingAutoencoder()',
    build: conv.denoisingAutoencoder,
    source: ['Keras', 'https://keras.io/examples/vision/autoencoder/'],
  },
  {
    code: 'superResolution({ inputShape: [64, 64, 1] })',
    build: () => conv.superResolution({ inputShape: [64, 64, 1] }),
    source: paper('Dong 2016', '1608.00367'),
  },
];

export const MODEL_TITLES = ['network', 'input', 'parameters', 'multiply-adds', 'receptive field', 'source'] as const;

/** Cells of a row. */
export function modelCells({ code, build, features = build, source: [title, address] }: ModelRow): string[] {
  const model = build();
  const { macs, params } = conv.cost(model).total;
  const input = (model.inputs[0]!.shape.slice(1) as number[]).join(' × ');
  model.dispose();
  const trunk = features();
  const last = conv.receptiveField(trunk).layers.at(-1)!;
  trunk.dispose();
  const field = last.global ? 'the whole image' : last.size.join(' × ');
  const all = params.trainable + params.nonTrainable;
  return [
    `\`${code}\``,
    input,
    all.toLocaleString('en'),
    `${(macs / 1e6).toLocaleString('en', { maximumFractionDigits: 0 })} M`,
    field,
    `[${title}](${address})`,
  ];
}
