/** The WebGL kernels on devices that cannot do all: no blending of float32, textures of float16, small textures. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { batchNorm, type BatchNormInputs } from '../oracle/batch_norm.js';
import { describeBackends } from '../support/backends.js';
import { checkOp, type Inputs, type OpCase } from '../support/gradient_check.js';
import { conv2dInputs, conv2dTransposeInputs, deformInputs, depthwiseInputs, type Shape4 } from '../support/inputs.js';
import { conv2dCase, conv2dTransposeCase, deformConv2dCase, depthwiseConv2dCase, pool2dCase } from '../support/ops.js';
import { Random } from '../support/random.js';
import { distinct, roiCase, roiInputs, withUnreadable } from '../support/roi.js';
import { host } from './webgl_host.js';

const WINDOW = { strides: [2, 1], dilations: [1, 2], padding: [1, 2] } as const;
const GROUPED = { ...WINDOW, groups: 2, offsetGroups: 4 } as const;
const DEPTHWISE = { ...WINDOW, groups: 8, offsetGroups: 2 } as const;
const CLASSES = { outputDim: 2, pooledSize: 3, groupSize: 2, partSize: 2, samplesPerPart: 3 };

const REGION_CASES = [
  ['roiPool()', roiCase('roiPool', distinct(roiInputs(20, [2, 6, 7, 5], 5)), { outputSize: [2, 3] })],
  ['roiAlign()', roiCase('roiAlign', roiInputs(21, [2, 6, 7, 5], 5), { outputSize: [2, 3] })],
  ['psRoiPool()', roiCase('psRoiPool', roiInputs(22, [2, 6, 7, 12], 5), { outputSize: [2, 3] })],
  ['psRoiAlign()', roiCase('psRoiAlign', roiInputs(23, [2, 6, 7, 12], 5), { outputSize: [2, 3] })],
  [
    'deformRoiPool()',
    roiCase('deformRoiPool', roiInputs(24, [2, 6, 7, 5], 5, { offset: [2, 3, 2] }), { outputSize: [2, 3] }),
  ],
  ['deformPsRoiPool()', roiCase('deformPsRoiPool', roiInputs(25, [2, 6, 7, 8], 5, { offset: [2, 2, 4] }), CLASSES)],
] as const;

function batchNormCase(shape: Shape4): OpCase<BatchNormInputs> {
  const random = new Random(35);
  return {
    inputs: { x: random.array(shape), gamma: random.array([shape[3]]), beta: random.array([shape[3]]) },
    run: ({ x, gamma, beta }) =>
      conv.batchNorm(x!, { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D, activation: 'relu' }).y,
    oracle: (given) => batchNorm(given, { epsilon: 0.001, activation: 'relu' }),
  };
}

const X: Shape4 = [2, 7, 8, 8];
/** Inputs that float16 holds exactly, so that no box and no offset moves: multiples of 1 / 64. */
function inHalves<I extends Inputs>({ inputs, ...op }: OpCase<I>): OpCase<I> {
  const rounded = Object.entries<Array64 | undefined>(inputs).map(([name, array]) => [
    name,
    array && array64(array.shape, (index) => Math.round(array.data[index]! * 64) / 64),
  ]);
  return { ...op, inputs: Object.fromEntries(rounded) as I };
}

/** Largest relative error of one operator on float16 textures, whose values have 11 bits. */
const HALF = 4e-3;

const half = <I extends Inputs>(title: string, op: OpCase<I>) => [title, () => checkOp(inHalves(op), HALF)] as const;

const HALF_CASES = [
  half('conv2d()', conv2dCase(conv2dInputs(30, X, [3, 2, 4, 10]), { ...WINDOW, groups: 2 })),
  half('conv2dTranspose()', conv2dTransposeCase(conv2dTransposeInputs(31, X, [3, 2, 5, 8], {}), WINDOW)),
  half('depthwiseConv2d()', depthwiseConv2dCase(depthwiseInputs(32, X, [3, 2, 8, 2]), WINDOW)),
  half('deformConv2d()', deformConv2dCase(deformInputs(33, X, [3, 2, 4, 10], GROUPED), GROUPED)),
  half('depthwise deformConv2d()', deformConv2dCase(deformInputs(34, X, [3, 2, 1, 16], DEPTHWISE), DEPTHWISE)),
  ...(['maxPool2d', 'avgPool2d'] as const).map((name) =>
    half(
      `${name}()`,
      pool2dCase(name, { x: new Random(35).array(X) }, { poolSize: 3, padding: 'same' }, { kink: true }),
    ),
  ),
  half('batchNorm()', batchNormCase([2, 7, 3, 4])),
  ...REGION_CASES.map(([title, op]) => half(title, op)),
];

describeBackends('WebGL kernels', (backend) => {
  describe('without float blending', () => {
    let restore: () => void;
    let asked = 0;
    beforeAll(() => {
      const { gl } = host().gpgpu;
      const getExtension: (name: string) => unknown = WebGL2RenderingContext.prototype.getExtension.bind(gl);
      const hidden = (name: string): unknown => {
        if (name !== 'EXT_float_blend') return getExtension(name);
        asked++;
        return null;
      };
      Object.defineProperty(gl, 'getExtension', { value: hidden, configurable: true });
      restore = () => {
        Reflect.deleteProperty(gl, 'getExtension');
      };
    });
    afterAll(() => {
      restore();
    });

    const x: Shape4 = [2, 5, 6, 8];
    test.each([
      ['one group', deformConv2dCase(deformInputs(5, x, [3, 2, 8, 5], WINDOW), WINDOW)],
      ['groups', deformConv2dCase(deformInputs(6, x, [3, 2, 4, 10], GROUPED), GROUPED)],
      ['no mask', deformConv2dCase(deformInputs(7, x, [3, 2, 4, 10], GROUPED, { mask: false }), GROUPED)],
      ['depthwise', deformConv2dCase(deformInputs(8, x, [3, 2, 1, 16], DEPTHWISE, { reach: 6 }), DEPTHWISE)],
    ])('deformConv2d() matches the oracle in value and gradients: %s', async (_, op) => {
      const before = asked;
      await checkOp(op, backend.tolerance);
      expect(asked).toBeGreaterThan(before);
    });

    test.each(REGION_CASES)('%s matches the oracle in value and gradients', async (_, op) => {
      const before = asked;
      await checkOp(op, backend.tolerance);
      expect(asked).toBeGreaterThan(before);
    });

    test.each(REGION_CASES)('%s reads nothing of boxes that are not finite or of no image', async (_, op) => {
      await checkOp(withUnreadable(op), backend.tolerance);
    });
  });

  describe('on float16 textures', () => {
    const enabled = tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED');
    beforeAll(() => {
      tf.env().set('WEBGL_RENDER_FLOAT32_ENABLED', false);
    });
    afterAll(() => {
      tf.env().set('WEBGL_RENDER_FLOAT32_ENABLED', enabled);
    });

    test('are what tensors lie in', () => {
      tf.tidy(() => {
        const third = tf.tensor1d([1 / 3]);
        host().uploadToGPU(third.dataId);
        expect(tf.neg(third).dataSync()[0]).toBe(-1365 / 4096);
      });
    });

    test.each(HALF_CASES)('%s matches the oracle in value and gradients', async (_, check) => {
      await check();
    });
  });

  describe('on small textures', () => {
    const side = tf.env().getNumber('WEBGL_MAX_TEXTURE_SIZE');
    beforeAll(() => {
      tf.env().set('WEBGL_MAX_TEXTURE_SIZE', 64);
    });
    afterAll(() => {
      tf.env().set('WEBGL_MAX_TEXTURE_SIZE', side);
    });

    // Scratch textures have 2048 texels at most: tiles of some rows of an image, and of three images.
    const sizes: readonly Shape4[] = [
      [1, 40, 44, 1],
      [4, 20, 22, 1],
    ];
    const same = { padding: 'same' } as const;
    test.each([
      ...sizes.flatMap((x) => [
        [`conv2d() of ${x.join(' × ')}`, conv2dCase(conv2dInputs(10, x, [3, 3, 1, 2]), same)] as const,
        [
          `strided conv2d() of ${x.join(' × ')}`,
          conv2dCase(conv2dInputs(11, x, [4, 3, 1, 5]), { strides: [2, 3], padding: [3, 1], dilations: [2, 1] }),
        ] as const,
      ]),
      [
        'conv2d() of more channels than a row of a texture has',
        conv2dCase(conv2dInputs(18, [2, 3, 4, 130], [1, 2, 130, 9]), {}),
      ] as const,
      ...(
        [
          [1, 20, 22, 8],
          [4, 10, 11, 8],
        ] as const
      ).map(
        (x) =>
          [
            `depthwiseConv2d() of ${x.join(' × ')}`,
            depthwiseConv2dCase(depthwiseInputs(12, x, [3, 3, 8, 1]), same),
          ] as const,
      ),
    ])('%s matches the oracle in value and gradients, tile by tile', async (_, op) => {
      await checkOp(op, backend.tolerance);
    });

    test.each([
      ['deformConv2d()', [1, 20, 22, 8] as const, [2, 2, 8, 4] as const, { ...same, groups: 1 }],
      ['depthwise deformConv2d()', [1, 14, 16, 4] as const, [3, 3, 1, 4] as const, { ...same, groups: 4 }],
    ])('%s matches the oracle in value and gradients, tile by tile', async (_, x, filter, options) => {
      await checkOp(deformConv2dCase(deformInputs(13, x, filter, options), options), backend.tolerance);
    });

    // The planes of an image gradient: in one column, in several, and of images that exceed a texture with their margins.
    test.each([
      ['one column', [2, 3, 20, 16], [2, 2, 1, 16], 1],
      ['several columns', [1, 6, 7, 24], [2, 3, 1, 48], 4],
      ['too long rows', [1, 4, 63, 8], [2, 1, 1, 8], 2],
      ['too many rows', [1, 31, 10, 12], [1, 2, 1, 12], 1],
    ] as const)('depthwise deformConv2d() matches the oracle with planes of %s', async (_, x, filter, offsetGroups) => {
      const options = { padding: 'same', groups: x[3], offsetGroups } as const;
      await checkOp(deformConv2dCase(deformInputs(18, x, filter, options), options), backend.tolerance);
    });

    // The pages of an image gradient: side by side and in several passes, and of a part of the channels; an image whose
    // rows exceed a texture.
    test.each([
      ['psRoiAlign()', roiCase('psRoiAlign', roiInputs(14, [2, 20, 22, 4], 5), { outputSize: [2, 2] })],
      [
        'deformPsRoiPool()',
        roiCase('deformPsRoiPool', roiInputs(15, [1, 22, 20, 8], 5, { offset: [2, 2, 4] }), CLASSES),
      ],
      ['roiAlign() of many channels', roiCase('roiAlign', roiInputs(16, [1, 5, 30, 26], 4), { outputSize: [2, 3] })],
      ['roiAlign() of long rows', roiCase('roiAlign', roiInputs(17, [2, 3, 70, 4], 4), { outputSize: [2, 3] })],
    ])('%s matches the oracle in value and gradients, page by page', async (_, op) => {
      await checkOp(op, backend.tolerance);
    });
  });
});
