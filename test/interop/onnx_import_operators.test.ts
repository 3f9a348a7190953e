/** Every operator of importOnnx() with its attributes, against onnxruntime. */
import * as tf from '@tensorflow/tfjs';
import { importOnnx } from '../../src/interop/index.js';
import { differenceFrom } from './support/imported.js';
import { integers, makeFile, randoms, type FileConstant, type FileNode, type FileParts } from './support/onnx_files.js';

const LARGEST_DIFFERENCE = 1e-5;

interface Case extends Partial<FileParts> {
  readonly name: string;
  readonly nodes: readonly FileNode[];
  /** Shapes of the input. @default [2, 3, 8, 7] */
  readonly shapes?: readonly (readonly number[])[];
  /** Class names of the layers, without that of the input. */
  readonly layers?: readonly string[];
}

const OPEN = ['n', 3, 'h', 'w'];
const scalar = (value: number): FileConstant => ({ dims: [], values: [value] });
const one = (value: number): FileConstant => ({ dims: [1], values: [value] });

/** A node from x to y. */
const node = (type: string, more: readonly string[] = [], attributes: FileNode[3] = {}): FileNode => [
  type,
  ['x', ...more],
  ['y'],
  attributes,
];

const CONVOLUTIONS: readonly Case[] = [
  {
    name: 'Conv with strides [2, 1], uneven pads and a bias',
    nodes: [node('Conv', ['w', 'b'], { strides: [2, 1], pads: [1, 0, 0, 2] })],
    constants: { w: randoms([4, 3, 3, 2]), b: randoms([4]) },
    layers: ['Conv2D'],
  },
  {
    name: 'Conv in groups with dilation',
    nodes: [node('Conv', ['w'], { group: 3, dilations: [2, 1], pads: [2, 1, 2, 1] })],
    constants: { w: randoms([6, 2, 3, 3]) },
    x: ['n', 6, 'h', 'w'],
    shapes: [[2, 6, 9, 5]],
    layers: ['Conv2D'],
  },
  {
    name: 'depthwise Conv with two outputs per channel and auto_pad',
    nodes: [node('Conv', ['w'], { group: 3, auto_pad: 'SAME_UPPER', strides: [3, 2], kernel_shape: [3, 3] })],
    constants: { w: randoms([6, 1, 3, 3]) },
    layers: ['DepthwiseConv2D'],
  },
  {
    name: 'ConvTranspose in groups, with output_padding',
    nodes: [
      node('ConvTranspose', ['w', 'b'], {
        group: 2,
        strides: [3, 2],
        pads: [1, 0, 0, 1],
        output_padding: [1, 0],
        dilations: [1, 2],
      }),
    ],
    constants: { w: randoms([4, 3, 3, 3]), b: randoms([6]) },
    x: ['n', 4, 'h', 'w'],
    shapes: [[2, 4, 5, 4]],
    layers: ['Conv2DTranspose'],
  },
  {
    name: 'ConvTranspose with a kernel smaller than its stride',
    nodes: [node('ConvTranspose', ['w'], { strides: [3, 3] })],
    constants: { w: randoms([3, 2, 2, 2]) },
  },
  {
    name: 'DeformConv with groups, offset groups and a mask',
    nodes: [
      ['Conv', ['x', 'wo'], ['offset'], { pads: [1, 1, 1, 1] }],
      ['Conv', ['x', 'wm'], ['logits'], { pads: [1, 1, 1, 1] }],
      ['Sigmoid', ['logits'], ['mask']],
      ['DeformConv', ['x', 'w', 'offset', 'b', 'mask'], ['y'], { pads: [1, 1, 1, 1], group: 2, offset_group: 2 }],
    ],
    constants: { w: randoms([4, 2, 3, 3]), wo: randoms([36, 4, 3, 3]), wm: randoms([18, 4, 3, 3]), b: randoms([4]) },
    x: ['n', 4, 7, 6],
    shapes: [[2, 4, 7, 6]],
    opset: 19,
    layers: ['Conv2D', 'Conv2D', 'Activation', 'DeformableConv2D'],
  },
  {
    name: 'a bias, a factor and a shift after Conv, reshaped and in nodes',
    nodes: [
      ['Conv', ['x', 'w'], ['a']],
      ['Reshape', ['b', 'shape'], ['column']],
      ['Add', ['a', 'column'], ['c']],
      ['Mul', ['c', 'factor'], ['d']],
      ['Add', ['d', 'shift'], ['e']],
      ['Relu', ['e'], ['f']],
      ['Mul', ['factor', 'f'], ['g']],
      ['Add', ['g', 'shift'], ['y']],
    ],
    constants: {
      w: randoms([4, 3, 1, 1]),
      b: randoms([4]),
      shape: integers(1, 4, 1, 1),
      factor: one(1.7),
      shift: one(-0.2),
    },
    layers: ['Conv2D', 'ReLU', 'DepthwiseConv2D'],
  },
  {
    name: 'BatchNormalization',
    nodes: [node('BatchNormalization', ['g', 'b', 'm', 'v'], { epsilon: { float: 1e-3 } })],
    constants: { g: randoms([3]), b: randoms([3]), m: randoms([3]), v: { dims: [3], values: [0.5, 1, 2] } },
    layers: ['BatchNormalization'],
  },
];

const POOLS: readonly Case[] = [
  { name: 'MaxPool with ceil_mode of any size', nodes: [node('MaxPool', [], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 })], x: OPEN, shapes: [[1, 3, 8, 7], [2, 3, 9, 10]] }, // prettier-ignore
  { name: 'MaxPool with pads and ceil_mode, whose last window would begin in the padding', nodes: [node('MaxPool', [], { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 })], x: ['n', 3, 8, 7] }, // prettier-ignore
  { name: 'MaxPool over negative numbers', nodes: [['Sub', ['x', 'c'], ['a']], ['MaxPool', ['a'], ['y'], { kernel_shape: [3, 2], strides: [3, 2], pads: [1, 0, 1, 1] }]], constants: { c: scalar(5) } }, // prettier-ignore
  { name: 'AveragePool that counts its pads', nodes: [node('AveragePool', [], { kernel_shape: [3, 3], strides: [2, 1], pads: [1, 1, 1, 1], count_include_pad: 1 })] }, // prettier-ignore
  { name: 'AveragePool that does not', nodes: [node('AveragePool', [], { kernel_shape: [3, 3], strides: [2, 1], pads: [1, 0, 1, 1] })] }, // prettier-ignore
  { name: 'AveragePool with auto_pad', nodes: [node('AveragePool', [], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' })] }, // prettier-ignore
  { name: 'GlobalAveragePool', nodes: [node('GlobalAveragePool')] },
  { name: 'GlobalMaxPool, flattened', nodes: [['GlobalMaxPool', ['x'], ['a']], ['Flatten', ['a'], ['y']]], layers: ['GlobalMaxPooling2D'] }, // prettier-ignore
  { name: 'ReduceMean by attribute', nodes: [node('ReduceMean', [], { axes: [2, -1], keepdims: 0 })], layers: ['GlobalAveragePooling2D'] }, // prettier-ignore
  { name: 'ReduceMean by input', nodes: [node('ReduceMean', ['axes'], { keepdims: 1 })], constants: { axes: integers(-2, -1) }, opset: 18 }, // prettier-ignore
  { name: 'ReduceSum', nodes: [node('ReduceSum', ['axes'], { keepdims: 0 })], constants: { axes: integers(2, 3) }, opset: 13 }, // prettier-ignore
  { name: 'ReduceMin', nodes: [node('ReduceMin', [], { axes: [2, 3], keepdims: 1 })] },
  { name: 'ReduceMax', nodes: [node('ReduceMax', [], { axes: [2, 3], keepdims: 0 })] },
];

const resize = (
  attributes: NonNullable<FileNode[3]>,
  more: Readonly<Record<string, FileConstant>>,
): Partial<Case> & Pick<Case, 'nodes'> => ({
  nodes: [
    [
      'Resize',
      ['x', 'sizes' in more ? '' : 'roi', 'sizes' in more ? '' : 'scales', ...('sizes' in more ? ['sizes'] : [])],
      ['y'],
      attributes,
    ],
  ],
  constants: { ...('sizes' in more ? {} : { roi: { dims: [0], values: [] } }), ...more },
});
const scales = (y: number, x: number): Readonly<Record<string, FileConstant>> => ({
  scales: { dims: [4], values: [1, 1, y, x] },
});

const IMAGES: readonly Case[] = [
  { name: 'Resize nearest by factors, with an empty roi', ...resize({ mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }, scales(2, 3)), x: OPEN }, // prettier-ignore
  { name: 'Resize linear by factors', ...resize({ mode: 'linear' }, scales(2, 3)), layers: ['UpSampling2D'] },
  { name: 'Resize linear asymmetric', ...resize({ mode: 'linear', coordinate_transformation_mode: 'asymmetric' }, scales(2, 2)) }, // prettier-ignore
  { name: 'Resize to fixed sizes', ...resize({ mode: 'linear' }, { sizes: integers(2, 3, 5, 11) }), x: ['n', 3, 8, 7], layers: ['Resizing'] }, // prettier-ignore
  {
    name: 'Resize to the size of another tensor',
    nodes: [
      ['MaxPool', ['x'], ['a'], { kernel_shape: [3, 3], strides: [2, 2] }],
      ['Shape', ['x'], ['shape']],
      ['Slice', ['shape', 'two', 'four', 'zero'], ['size']],
      ['Shape', ['a'], ['own']],
      ['Slice', ['own', 'zero', 'two', 'zero'], ['rest']],
      ['Concat', ['rest', 'size'], ['sizes'], { axis: 0 }],
      ['Resize', ['a', '', '', 'sizes'], ['y'], { mode: 'linear' }],
    ],
    constants: { zero: integers(0), two: integers(2), four: integers(4) },
    x: OPEN,
    layers: ['MaxPooling2D', 'ResizeBilinear'],
  },
  { name: 'Upsample', nodes: [node('Upsample', ['scales'], { mode: 'nearest' })], constants: scales(3, 2), opset: 9 },
  { name: 'Pad with zeros', nodes: [node('Pad', ['pads'])], constants: { pads: integers(0, 0, 1, 2, 0, 0, 3, 0) } },
  { name: 'Pad by reflection', nodes: [node('Pad', ['pads'], { mode: 'reflect' })], constants: { pads: integers(0, 0, 1, 2, 0, 0, 3, 0) } }, // prettier-ignore
  { name: 'Pad with edges, by attribute', nodes: [node('Pad', [], { mode: 'edge', pads: [0, 0, 1, 2, 0, 0, 3, 0] })], opset: 10 }, // prettier-ignore
  { name: 'Slice of rows and columns', nodes: [node('Slice', ['s', 'e', 'a'])], constants: { s: integers(1, -5), e: integers(2 ** 40, -1), a: integers(2, 3) }, layers: ['Cropping2D', 'Cropping2D'] }, // prettier-ignore
  { name: 'Slice of channels, by attributes', nodes: [node('Slice', [], { axes: [1], starts: [-2], ends: [3] })], opset: 9 }, // prettier-ignore
  { name: 'Split of channels, parts joined the other way round', nodes: [['Split', ['x', 'parts'], ['a', 'b'], { axis: 1 }], ['Concat', ['b', 'a'], ['y'], { axis: 1 }]], constants: { parts: integers(1, 2) } }, // prettier-ignore
  { name: 'Expand of a single pixel', nodes: [['GlobalAveragePool', ['x'], ['a']], ['Expand', ['a', 'size'], ['y']]], constants: { size: integers(1, 1, 4, 5) } }, // prettier-ignore
];

const ELEMENTS: readonly Case[] = [
  ...[
    'Relu',
    'Sigmoid',
    'Tanh',
    'Softplus',
    'Softsign',
    'Selu',
    'Elu',
    'LeakyRelu',
    'HardSigmoid',
    'ThresholdedRelu',
  ].map((type): Case => ({ name: type, nodes: [node(type)] })),
  { name: 'HardSwish', nodes: [node('HardSwish')], layers: ['HardSwish'] },
  { name: 'Mish', nodes: [node('Mish')], opset: 18 },
  { name: 'Gelu', nodes: [node('Gelu')], opset: 20 },
  { name: 'Gelu by tanh', nodes: [node('Gelu', [], { approximate: 'tanh' })], opset: 20 },
  { name: 'HardSigmoid with another slope', nodes: [node('HardSigmoid', [], { alpha: { float: 1 / 6 } })] },
  { name: 'Clip by attributes', nodes: [node('Clip', [], { min: { float: -0.3 }, max: { float: 0.4 } })], opset: 10 },
  { name: 'Clip from below', nodes: [node('Clip', ['low'])], constants: { low: scalar(-0.25) } },
  { name: 'Clip from above', nodes: [node('Clip', ['', 'high'])], constants: { high: scalar(0.25) } },
  { name: 'PRelu', nodes: [node('PRelu', ['slope'])], constants: { slope: randoms([3, 1, 1]) }, layers: ['PReLU'] },
  { name: 'Softmax over channels', nodes: [node('Softmax', [], { axis: 1 })] },
  { name: 'LogSoftmax over channels', nodes: [node('LogSoftmax', [], { axis: 1 })] },
  { name: 'Dropout', nodes: [node('Dropout')], layers: ['Dropout'] },
  {
    name: 'hard swish of four nodes',
    nodes: [
      ['Add', ['x', 'three'], ['a']],
      ['Clip', ['a', 'zero', 'six'], ['b']],
      ['Mul', ['x', 'b'], ['c']],
      ['Div', ['c', 'six'], ['y']],
    ],
    constants: { zero: scalar(0), three: scalar(3), six: scalar(6) },
    layers: ['HardSwish'],
  },
  {
    name: 'gelu of five nodes',
    nodes: [
      ['Div', ['x', 'root'], ['a']],
      ['Erf', ['a'], ['b']],
      ['Add', ['b', 'one'], ['c']],
      ['Mul', ['x', 'c'], ['d']],
      ['Mul', ['d', 'half'], ['y']],
    ],
    constants: { root: scalar(Math.SQRT2), one: scalar(1), half: scalar(0.5) },
    layers: ['Activation'],
  },
  {
    name: 'Swish of two nodes',
    nodes: [
      ['Sigmoid', ['x'], ['a']],
      ['Mul', ['a', 'x'], ['y']],
    ],
    layers: ['Activation'],
  },
  { name: 'a constant minus x', nodes: [['Sub', ['c', 'x'], ['y']]], constants: { c: scalar(2) } },
  { name: 'a constant per channel', nodes: [node('Div', ['c'])], constants: { c: { dims: [1, 3, 1, 1], values: [0.5, 2, 3] } }, layers: ['DepthwiseConv2D'] }, // prettier-ignore
  { name: 'the sum of broadcast tensors', nodes: [['GlobalAveragePool', ['x'], ['a']], ['Sub', ['x', 'a'], ['b']], ['Mul', ['b', 'a'], ['c']], ['Max', ['c', 'x'], ['y']]] }, // prettier-ignore
];

const matrix = { w: randoms([5, 42]), b: randoms([5]) };
const VIEWS: readonly Case[] = [
  {
    name: 'Flatten and Gemm, whose rows are reordered',
    nodes: [
      ['Flatten', ['x'], ['a']],
      ['Gemm', ['a', 'w', 'b'], ['y'], { transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } }],
    ],
    constants: matrix,
    x: ['n', 3, 2, 7],
    shapes: [[4, 3, 2, 7]],
    layers: ['Flatten', 'Dense'],
  },
  {
    name: 'Flatten alone, whose axes are transposed',
    nodes: [node('Flatten')],
    x: ['n', 3, 2, 7],
    shapes: [[4, 3, 2, 7]],
    layers: ['Permute', 'Flatten'],
  },
  {
    name: 'a flatten by Shape, Slice, Concat and Reshape, with a bias after MatMul',
    nodes: [
      ['Shape', ['x'], ['shape']],
      ['Cast', ['shape'], ['small'], { to: 6 }],
      ['Slice', ['small', 'zero', 'one', 'zero'], ['batch']],
      ['Cast', ['batch'], ['large'], { to: 7 }],
      ['Concat', ['large', 'rest'], ['target'], { axis: 0 }],
      ['Reshape', ['x', 'target'], ['a']],
      ['MatMul', ['a', 'm'], ['c']],
      ['Add', ['c', 'b'], ['d']],
      ['Softmax', ['d'], ['y'], { axis: 1 }],
    ],
    constants: { m: randoms([42, 5]), b: randoms([5]), zero: integers(0), one: integers(1), rest: integers(-1) },
    x: ['n', 3, 2, 7],
    shapes: [[4, 3, 2, 7]],
    layers: ['Flatten', 'Dense', 'Softmax'],
  },
  {
    name: 'a channel shuffle',
    nodes: [
      ['Reshape', ['x', 'apart'], ['a']],
      ['Transpose', ['a'], ['b'], { perm: [0, 2, 1, 3, 4] }],
      ['Reshape', ['b', 'together'], ['y']],
    ],
    constants: { apart: integers(0, 2, 3, 4, 5), together: integers(0, 6, 4, 5) },
    x: ['n', 6, 4, 5],
    shapes: [[2, 6, 4, 5]],
    layers: ['ChannelShuffle'],
  },
  {
    name: 'a block of ConvNeXt, without a transpose',
    nodes: [
      ['Transpose', ['x'], ['a'], { perm: [0, 2, 3, 1] }],
      ['LayerNormalization', ['a', 'gamma', 'beta'], ['b'], { axis: -1, epsilon: { float: 1e-6 } }],
      ['MatMul', ['b', 'm'], ['c']],
      ['Add', ['c', 'bias'], ['d']],
      ['Transpose', ['d'], ['e'], { perm: [0, 3, 1, 2] }],
      ['Mul', ['e', 'scale'], ['f']],
      ['Add', ['x', 'f'], ['y']],
    ],
    constants: {
      gamma: randoms([3]),
      beta: randoms([3]),
      m: randoms([3, 3]),
      bias: randoms([3]),
      scale: randoms([3, 1, 1]),
    },
    layers: ['LayerNormalization', 'Conv2D', 'DepthwiseConv2D', 'Add'],
  },
  {
    name: 'Squeeze and Unsqueeze around Gemm',
    nodes: [
      ['GlobalAveragePool', ['x'], ['a']],
      ['Squeeze', ['a', 'axes'], ['b']],
      ['Gemm', ['b', 'w'], ['c']],
      ['Unsqueeze', ['c', 'axes'], ['d']],
      ['Mul', ['x', 'd'], ['y']],
    ],
    constants: { w: randoms([3, 3]), axes: integers(2, 3) },
    layers: ['GlobalAveragePooling2D', 'Dense', 'Reshape', 'Multiply'],
  },
  {
    name: 'a sequence of pixels',
    nodes: [
      ['Reshape', ['x', 'flat'], ['a']],
      ['Transpose', ['a'], ['b'], { perm: [0, 2, 1] }],
      ['MatMul', ['b', 'm'], ['c']],
      ['ReduceMean', ['c'], ['y'], { axes: [1], keepdims: 0 }],
    ],
    constants: { flat: integers(0, 3, -1), m: randoms([3, 4]) },
    x: ['n', 3, 8, 7],
    layers: ['Reshape', 'Dense', 'GlobalAveragePooling1D'],
  },
];

beforeAll(() => tf.setBackend('cpu'));

describe('importOnnx()', () => {
  test.each([...CONVOLUTIONS, ...POOLS, ...IMAGES, ...ELEMENTS, ...VIEWS])('computes $name', async (each) => {
    const file = await makeFile(each);
    const model = await importOnnx(file);
    expect(await differenceFrom(file, model, each.shapes ?? [[2, 3, 8, 7]], 'x')).toBeLessThan(LARGEST_DIFFERENCE);
    if (each.layers === undefined) return;
    const classes = model.layers.map((layer) => layer.getClassName().replace('Convolutions>', ''));
    expect(classes.slice(1)).toEqual(each.layers);
  });
});
