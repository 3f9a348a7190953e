/** receptiveField(): published figures, and comparison with gradients. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';

beforeAll(() => tf.setBackend('cpu'));

function sequential(...layers: tf.layers.Layer[]): tf.Sequential {
  return tf.sequential({ layers });
}

/** The fields of the last layer. */
function lastField(model: tf.LayersModel, inputShape?: tf.Shape): conv.LayerReceptiveField {
  return conv.receptiveField(model, inputShape ? { inputShape } : {}).layers.at(-1)!;
}

const KERNEL_ONES = { kernelInitializer: 'ones', useBias: false } as const;
const DEPTHWISE_ONES = { depthwiseInitializer: 'ones', useBias: false } as const;

/** First and last row (or column) of the image that an output position's gradient reaches. */
function reach(
  model: tf.LayersModel,
  size: readonly [number, number],
  position: readonly [number, number],
): number[][] {
  return tf.tidy(() => {
    const channels = model.inputs[0]!.shape[3]!;
    const x = tf.ones([1, ...size, channels]);
    const at = (image: tf.Tensor): tf.Scalar =>
      tf.sum(tf.slice(model.apply(image) as tf.Tensor, [0, ...position, 0], [1, 1, 1, -1]));
    const map = tf.sum(tf.abs(tf.grad(at)(x)), [0, 3]);
    return [1, 0].map((axis) => {
      const seen = [...tf.sum(map, axis).dataSync()].map((value) => value > 0);
      return [seen.indexOf(true), seen.lastIndexOf(true)];
    });
  });
}

/** First and last row (or column) of the field of an output position, which may lie outside the image. */
function covered(field: conv.ReceptiveField, position: readonly [number, number]): number[][] {
  return ([0, 1] as const).map((axis) => {
    const first = position[axis] * field.stride[axis] - field.padding[axis];
    return [first, first + field.size[axis] - 1];
  });
}

describe('receptiveField() of published networks', () => {
  it('has the figures of google-research/receptive_field for each block of MobileNetV1', () => {
    const model = conv.mobileNetV1();
    const table = [
      [3, 2, 0],
      [7, 2, 2],
      [11, 4, 2],
      [19, 4, 6],
      [27, 8, 6],
      [43, 8, 14],
      [59, 16, 14],
      [91, 16, 30],
      [123, 16, 46],
      [155, 16, 62],
      [187, 16, 78],
      [219, 16, 94],
      [251, 32, 94],
      [315, 32, 126],
    ];
    table.forEach(([size, stride, padding], block) => {
      const layer = block === 0 ? 'conv1_relu' : `conv_pw_${block}_relu`;
      expect(conv.receptiveField(model, { layer })).toEqual({
        name: layer,
        type: 'Identity',
        size: [size, size],
        stride: [stride, stride],
        padding: [padding, padding],
        phases: [0, 1].map(() => ({ shift: stride, intervals: [[0 - padding!, size! - padding! - 1]] })),
        global: false,
        dataDependent: false,
      });
    });
    expect(conv.receptiveField(model, { layer: 'predictions' })).toMatchObject({ size: [315, 315], global: true });
  });

  it('has those of VGG-16 and AlexNet v2, built of layers of tfjs', () => {
    const same = { kernelSize: 3, padding: 'same' } as const;
    const vgg = tf.sequential();
    [2, 2, 3, 3, 3].forEach((depth, block) => {
      for (let index = 0; index < depth; index++) {
        vgg.add(tf.layers.conv2d({ ...same, filters: 1, ...(block + index === 0 && { inputShape: [224, 224, 1] }) }));
      }
      vgg.add(tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }));
    });
    expect(lastField(vgg)).toMatchObject({ size: [212, 212], stride: [32, 32], padding: [90, 90] });

    const pool = (): tf.layers.Layer => tf.layers.maxPooling2d({ poolSize: 3, strides: 2 });
    const alexnet = sequential(
      tf.layers.conv2d({ kernelSize: 11, strides: 4, filters: 1, inputShape: [231, 231, 1] }),
      pool(),
      tf.layers.conv2d({ ...same, kernelSize: 5, filters: 1 }),
      pool(),
      ...[1, 2, 3].map(() => tf.layers.conv2d({ ...same, filters: 1 })),
      pool(),
    );
    expect(lastField(alexnet)).toMatchObject({ size: [195, 195], stride: [32, 32], padding: [64, 64] });
  });
});

describe('receptiveField() against gradients', () => {
  const size = [23, 26] as const;
  const stacks: Record<string, () => tf.layers.Layer[]> = {
    'strides, dilations and paddings of all kinds': () => [
      conv.layers.conv2d({
        ...KERNEL_ONES,
        filters: 1,
        kernelSize: [3, 5],
        strides: [1, 2],
        padding: 'same',
        inputShape: [...size, 1],
      }),
      conv.layers.dilatedConv2d({ ...KERNEL_ONES, filters: 1, kernelSize: [3, 2], dilationRate: [3, 1] }),
      conv.layers.depthwiseConv2d({
        ...DEPTHWISE_ONES,
        kernelSize: 2,
        strides: 2,
        padding: [
          [1, 0],
          [0, 2],
        ],
      }),
    ],
    'a separable layer with padding and cropping': () => [
      tf.layers.zeroPadding2d({
        padding: [
          [2, 1],
          [0, 3],
        ],
        inputShape: [...size, 1],
      }),
      conv.layers.depthwiseSeparableConv2d({
        useBias: false,
        depthwiseInitializer: 'ones',
        pointwiseInitializer: 'ones',
        filters: 1,
        kernelSize: 3,
        dilationRate: 2,
      }),
      tf.layers.cropping2D({
        cropping: [
          [1, 2],
          [2, 0],
        ],
      }),
      conv.layers.pointwiseConv2d({ ...KERNEL_ONES, filters: 1, strides: [2, 3] }),
    ],
    "tfjs's depthwise layer, which ignores its dilation": () => [
      tf.layers.depthwiseConv2d({
        ...DEPTHWISE_ONES,
        depthMultiplier: 1,
        kernelSize: 3,
        padding: 'same',
        dilationRate: 3,
        inputShape: [...size, 1],
      }),
      tf.layers.averagePooling2d({ poolSize: [2, 3], strides: 2, padding: 'same' }),
    ],
    'a deformable layer at zero offsets': () => [
      conv.layers.conv2d({ ...KERNEL_ONES, filters: 1, kernelSize: 3, strides: 2, inputShape: [...size, 1] }),
      conv.layers.deformableConv2d({ ...KERNEL_ONES, filters: 1, kernelSize: 3, padding: 2, dilationRate: [1, 2] }),
    ],
  };

  it.each(Object.entries(stacks))('covers the gradients of %s', (_, layers) => {
    const model = sequential(...layers());
    const field = lastField(model);
    const [, height, width] = model.outputShape as number[];
    const middle = [Math.floor(height! / 2), Math.floor(width! / 2)] as const;
    let inside = 0;
    for (const row of [0, middle[0], height! - 1]) {
      for (const column of [0, middle[1], width! - 1]) {
        const [got, want] = [reach(model, size, [row, column]), covered(field, [row, column])];
        [0, 1].forEach((axis) => {
          const [[seenFirst, seenLast], [first, last]] = [got[axis]!, want[axis]!] as [
            [number, number],
            [number, number],
          ];
          // At the border dilated taps can miss the outermost pixels of the image that the field covers.
          if (first >= 0 && last < size[axis]!) {
            expect([axis, row, column, seenFirst, seenLast]).toEqual([axis, row, column, first, last]);
            inside++;
          }
          expect(seenFirst).toBeGreaterThanOrEqual(first);
          expect(seenLast).toBeLessThanOrEqual(last);
        });
      }
    }
    expect(inside).toBeGreaterThan(0);
  });

  it.each([
    // kernel, stride, inputs spanned: the ceiling of one over the other (verified by brute force in the literature).
    [3, 2, 2],
    [4, 2, 2],
    [5, 2, 3],
    [2, 2, 1],
    [3, 1, 3],
    [2, 3, 1],
  ])('spans what a transposed convolution of kernel %d and stride %d can see', (kernelSize, strides, span) => {
    for (const padding of ['same', 'valid'] as const) {
      const args = { ...KERNEL_ONES, filters: 1, kernelSize, strides, padding, inputShape: [9, 9, 1] };
      const model = sequential(tf.layers.conv2dTranspose(args));
      const field = lastField(model);
      expect(field).toMatchObject({ size: [span, span], stride: [1 / strides, 1 / strides] });
      const seen = Array.from({ length: 2 * strides }, (_, phase) => {
        const [first, last] = reach(model, [9, 9], [4 * strides + phase, 0])[0]!;
        return first! < 0 ? 0 : last! - first! + 1;
      });
      expect(Math.max(...seen)).toBe(span);
    }
  });
});

describe('receptiveField() of branches', () => {
  it('takes the largest branch of each axis, and reports the whole image if a branch reads it', () => {
    const input = tf.input({ shape: [16, 16, 2] });
    const branch = (...layers: tf.layers.Layer[]): tf.SymbolicTensor =>
      layers.reduce<tf.SymbolicTensor>((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
    const tall = branch(conv.layers.conv2d({ filters: 2, kernelSize: [7, 1], padding: 'same' }));
    const wide = branch(conv.layers.dilatedConv2d({ filters: 2, kernelSize: [1, 3], dilationRate: [1, 4] }));
    const deformed = branch(conv.layers.deformableConv2d({ filters: 2, kernelSize: 3, padding: 'same' }));
    const squeeze = branch(
      tf.layers.globalAveragePooling2d({ name: 'squeeze' }),
      tf.layers.reshape({ name: 'reshape', targetShape: [1, 1, 2] }),
      conv.layers.pointwiseConv2d({ filters: 2, activation: 'sigmoid' }),
    );
    const both = tf.layers.concatenate({ name: 'both' }).apply([tall, wide]) as tf.SymbolicTensor;
    const excited = tf.layers.multiply({ name: 'excited' }).apply([tall, squeeze]) as tf.SymbolicTensor;
    const moved = tf.layers.add({ name: 'moved' }).apply([wide, deformed]) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: [both, excited, moved] });
    const of = (layer: string): conv.LayerReceptiveField => conv.receptiveField(model, { layer });
    expect(of('both')).toMatchObject({
      size: [7, 9],
      padding: [3, 4],
      stride: [1, 1],
      global: false,
      dataDependent: false,
    });
    expect(of('squeeze')).toMatchObject({ size: [1, 1], global: true });
    expect(of('reshape')).toMatchObject({ size: [1, 1], global: true });
    expect(of('excited')).toMatchObject({ size: [7, 1], padding: [3, 0], global: true, dataDependent: false });
    expect(of('moved')).toMatchObject({ size: [3, 9], padding: [1, 4], global: false, dataDependent: true });
  });

  it('is the union of branches shifted to opposite sides', () => {
    const input = tf.input({ shape: [12, 12, 1] });
    const arm = (before: number): tf.SymbolicTensor => {
      const padding: [[number, number], [number, number]] = [
        [before, 2 - before],
        [1, 1],
      ];
      return conv.layers
        .conv2d({ ...KERNEL_ONES, filters: 1, kernelSize: 3, padding })
        .apply(input) as tf.SymbolicTensor;
    };
    const both = tf.layers.add().apply([arm(0), arm(2)]) as tf.SymbolicTensor;
    const field = lastField(tf.model({ inputs: input, outputs: both }));
    expect(field).toMatchObject({ size: [5, 3], stride: [1, 1], padding: [2, 1] });
  });

  it('is exact at every position where branches of unequal strides meet', () => {
    const input = tf.input({ shape: [20, 20, 1] });
    const strided = conv.layers.conv2d({ ...KERNEL_ONES, filters: 1, kernelSize: 2, strides: 2 }).apply(input);
    const cropped = tf.layers
      .cropping2D({
        cropping: [
          [4, 6],
          [10, 0],
        ],
      })
      .apply(input);
    const both = tf.layers.add().apply([strided, cropped] as tf.SymbolicTensor[]) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: both });
    const [rows, columns] = lastField(model).phases;
    for (let position = 0; position < 10; position++) {
      const seen = reach(model, [20, 20], [position, position]);
      expect([rows.intervals[position], columns.intervals[position]]).toEqual(seen);
    }
  });

  it('follows the offsets that a deformable layer is given', () => {
    const input = tf.input({ shape: [8, 8, 2] });
    const offset = conv.layers
      .conv2d({
        filters: 8,
        kernelSize: 5,
        padding: [
          [2, 1],
          [2, 1],
        ],
      })
      .apply(input);
    const layer = conv.layers.deformableConv2d({ name: 'deformed', filters: 1, kernelSize: 2, predictOffsets: false });
    const output = layer.apply([input, offset as tf.SymbolicTensor]) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: output });
    expect(conv.receptiveField(model, { layer: 'deformed' })).toMatchObject({ size: [5, 5], dataDependent: true });
  });

  it('covers the whole image behind dense layers, and supports upsampling', () => {
    const dense = sequential(
      tf.layers.conv2d({ filters: 1, kernelSize: 3, inputShape: [6, 6, 1] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2 }),
    );
    expect(lastField(dense)).toMatchObject({ size: [3, 3], global: true });
    const enlarged = sequential(
      tf.layers.conv2d({ filters: 1, kernelSize: 3, strides: 2, inputShape: [9, 9, 1] }),
      tf.layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' }),
      tf.layers.conv2d({ filters: 1, kernelSize: 3 }),
    );
    const field = lastField(enlarged);
    expect(field).toMatchObject({ size: [7, 7], stride: [1, 1], padding: [0, 0] });
    // Even rows start on a row of the small image, odd ones between two.
    const phases = { shift: 2, intervals: [[0, 4], [0, 6]] }; // prettier-ignore
    expect(field.phases).toEqual([phases, phases]);
    expect(conv.receptiveField(enlarged).toString().split('\n').at(-1)).toMatch(/ 7 +1 +0 +from 5 by position$/);
  });
});

describe('receptiveField()', () => {
  const open = (): tf.LayersModel => conv.mobileNetV1({ alpha: 0.25, inputShape: [null, null, 3] });

  it('depends on the size of the image where padding does', () => {
    const stem = (side: number): conv.ReceptiveField =>
      conv.receptiveField(open(), { layer: 'conv1', inputShape: [side, side, 3] });
    expect(stem(64).padding).toEqual([0, 0]);
    expect(stem(65).padding).toEqual([1, 1]);
  });

  it('rejects invalid models and layers', () => {
    class Opaque extends tf.layers.Layer {
      static className = 'TestOpaque';
      override computeOutputShape(shape: tf.Shape): tf.Shape {
        return shape;
      }
    }
    const opaque = sequential(new Opaque({ name: 'odd', inputShape: [4, 4, 1] }));
    const vector = sequential(tf.layers.dense({ units: 1, inputShape: [4] }));
    expect(() => conv.receptiveField(open())).toThrow('Cannot find receptive fields: all sizes must be known');
    expect(() => conv.receptiveField(opaque)).toThrow(
      "the class of layer 'odd' must have a describe method, received class = 'TestOpaque'",
    );
    expect(() => conv.receptiveField(vector)).toThrow('the model must have an input [n, height, width, channels]');
    expect(() => conv.receptiveField(open(), { layer: 'conv9', inputShape: [64, 64, 3] })).toThrow(
      /layer must be the name of a layer: …, ('\w+', ){9}'predictions', received layer = 'conv9'$/,
    );
  });

  it('prints as a table and serialises to JSON without loss', () => {
    const report = conv.receptiveField(
      sequential(
        conv.layers.conv2d({ name: 'a', filters: 1, kernelSize: [3, 1], strides: 2, inputShape: [9, 9, 1] }),
        conv.layers.deformableConv2d({ name: 'b', filters: 1, kernelSize: 3, padding: 1 }),
        tf.layers.globalAveragePooling2d({ name: 'c' }),
      ),
    );
    expect(String(report).split('\n')).toEqual([
      'layer  type                    size  stride  padding  sees',
      '───────────────────────────────────────────────────────────────────────────────────────',
      'a      Conv2D                   3×1       2        0',
      'b      DeformableConv2D         7×5       2        2  where the input says',
      'c      GlobalAveragePooling2D   7×5       2        2  whole image, where the input says',
    ]);
    expect(JSON.parse(JSON.stringify(report))).toEqual({ imageSize: [9, 9], layers: report.layers });
  });
});
