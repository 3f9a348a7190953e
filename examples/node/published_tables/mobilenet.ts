/** Tables 4 to 7 of Howard et al., "MobileNets" (2017): multiply-adds and parameters in millions. */
import * as conv from 'tfjs-convolutions';
import { toTheUnit, type Statement } from './table.js';

const MILLION = 1e6;

interface Row {
  readonly name: string;
  readonly accuracy: number;
  readonly macs: number;
  readonly params: number;
  readonly options: conv.MobileNetV1Options;
  /** The paper's count for full convolutions leaves the classifier out; its other counts hold it. */
  readonly withoutClassifier?: boolean;
}

const width = (alpha: number, accuracy: number, macs: number, params: number): Row => {
  return { name: `${alpha.toFixed(2)} MobileNet-224`, accuracy, macs, params, options: { alpha } };
};

const resolution = (size: number, accuracy: number, macs: number): Row => {
  const options = { inputShape: [size, size, 3] };
  return { name: `1.00 MobileNet-${size}`, accuracy, macs, params: 4.2, options };
};

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  'Table 4, full against depthwise separable convolutions': [
    {
      name: 'Conv MobileNet',
      accuracy: 71.7,
      macs: 4866,
      params: 29.3,
      options: { convolution: 'full' },
      withoutClassifier: true,
    },
    width(1, 70.6, 569, 4.2),
  ],
  'Table 5, narrow against shallow': [
    width(0.75, 68.4, 325, 2.6),
    { name: 'Shallow MobileNet', accuracy: 65.3, macs: 307, params: 2.9, options: { shallow: true } },
  ],
  'Table 6, width multiplier': [
    width(1, 70.6, 569, 4.2),
    width(0.75, 68.4, 325, 2.6),
    width(0.5, 63.7, 149, 1.3),
    width(0.25, 50.6, 41, 0.5),
  ],
  'Table 7, resolution': [
    resolution(224, 70.6, 569),
    resolution(192, 69.1, 418),
    resolution(160, 67.2, 290),
    resolution(128, 64.4, 186),
  ],
};

/** Every row of the tables, with the accuracy on ImageNet that the paper states. */
export function mobileNetTables(): Readonly<Record<string, readonly Statement[]>> {
  return Object.fromEntries(Object.entries(TABLES).map(([title, rows]) => [title, rows.flatMap(statements)]));
}

function statements({ name, accuracy, macs, params, options, withoutClassifier = false }: Row): readonly Statement[] {
  const model = conv.mobileNetV1(options);
  const { layers, total } = conv.cost(model);
  const classifier = layers.find((layer) => layer.name === 'conv_preds')!;
  model.dispose();
  const counted = total.macs - (withoutClassifier ? classifier.macs : 0);
  const title = `${name} (${accuracy} % top-1)`;
  return [
    toTheUnit(`${title}, multiply-adds${withoutClassifier ? ' without the classifier' : ''}`, macs, counted, MILLION),
    // Tenths of a million are printed: the unit is a tenth.
    {
      ...toTheUnit(`${title}, parameters`, params * 10, total.params.trainable, MILLION / 10),
      published: `${params} M`,
    },
  ];
}
