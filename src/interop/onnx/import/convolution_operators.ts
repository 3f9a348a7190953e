/** Convolutions, transposed and deformable ones included. */
import { dilatedExtent } from '../../../kernel/geometry.js';
import { layers } from '../../../layers/registry.js';
import { slide, windowOf, WINDOW_ATTRIBUTES, type FileWindow, type Pair } from './file_window.js';
import { NotImportable } from './import_error.js';
import type { NodeUse, Operators } from './node_use.js';
import type { Creation, LayerSpec, WeightValues } from './planned.js';
import { known } from './sizes.js';
import { axisOf, type Axis, type Value } from './value.js';
import { depthwiseLast, filterLast, vector } from './weights.js';

/** Filter of a convolution in the order of the file. */
interface FileFilter {
  readonly weight: WeightValues;
  readonly group: number;
  readonly outputs: number;
  readonly isDepthwise: boolean;
}

/** Reads the filter, whose input channels must be those of the image. */
function filterOf(use: NodeUse, x: Value, isTransposed = false): FileFilter {
  const weight = use.floats(1);
  const group = use.number('group', 1);
  if (weight.shape.length !== 4) throw new NotImportable('its filter must be of rank 4');
  const [first, second] = weight.shape as [number, number, number, number];
  const [inputs, outputs] = isTransposed ? [first, second * group] : [second * group, first];
  const channels = use.planner.sizeOf(x.axes[1]!);
  if (channels !== inputs || outputs % group !== 0) {
    throw new NotImportable(`its filter must be for the channels of its input, not for ${inputs}`);
  }
  return { weight, group, outputs, isDepthwise: !isTransposed && group === inputs && group > 1 };
}

/** Weights by name: a kernel, and a bias if the node has one. */
function weightsOf(
  use: NodeUse,
  kernel: string,
  values: WeightValues,
  bias: number,
  outputs: number,
): LayerSpec['weights'] {
  if (!use.has(bias)) return { [kernel]: values };
  const { values: numbers } = use.floats(bias);
  if (numbers.length !== outputs) throw new NotImportable(`its bias must have ${outputs} numbers`);
  return { [kernel]: values, bias: vector(numbers) };
}

function argsOf({ name, has }: Creation, { kernelSize, strides, dilations, padding }: FileWindow) {
  return { name, kernelSize, strides, padding, dilationRate: dilations, useBias: has('bias') };
}

function convolution(use: NodeUse): Value {
  const x = use.image();
  const { weight, group, outputs, isDepthwise } = filterOf(use, x);
  const window = windowOf(use, weight.shape.slice(2));
  const axes = [x.axes[0]!, axisOf(outputs), ...slide(use, x, window)] as const;
  if (isDepthwise) {
    const kernel = 'depthwise_kernel';
    const values = depthwiseLast(weight, group);
    const create = (creation: Creation) =>
      layers.depthwiseConv2d({
        ...argsOf(creation, window),
        depthMultiplier: outputs / group,
        depthwiseInitializer: creation.kernelInitializer,
      });
    return use.imageLayer({ create, kernel, weights: weightsOf(use, kernel, values, 2, outputs) ?? {} }, [x], axes);
  }
  const create = (creation: Creation) =>
    layers.conv2d({
      ...argsOf(creation, window),
      ...{ filters: outputs, groups: group, kernelInitializer: creation.kernelInitializer },
    });
  const weights = weightsOf(use, 'kernel', filterLast(weight), 2, outputs) ?? {};
  return use.imageLayer({ create, kernel: 'kernel', weights }, [x], axes);
}

function transposed(use: NodeUse): Value {
  const { planner } = use;
  const x = use.image();
  const { weight, group, outputs } = filterOf(use, x, true);
  const window = windowOf(use, weight.shape.slice(2));
  const extra = (use.list('output_padding') ?? [0, 0]) as unknown as Pair;
  if (window.total === undefined) throw new NotImportable('its auto_pad must be NOTSET or VALID');
  const along = (axis: 0 | 1): Axis => {
    const { kernelSize, strides, dilations, total } = window;
    const more = dilatedExtent(kernelSize[axis], dilations[axis]) - strides[axis] - total![axis] + extra[axis];
    const size = planner.sizes.times(planner.sizeOf(x.axes[2 + axis]!), strides[axis]);
    return planner.resized(x.axes[2 + axis]!, planner.sizes.plus(size, more));
  };
  const create = (creation: Creation) =>
    layers.conv2dTranspose({
      ...argsOf(creation, window),
      ...{ filters: outputs, groups: group, outputPadding: [...extra], kernelInitializer: creation.kernelInitializer },
      // By numbers, since 'valid' would also extend the output to the stride.
      padding: window.padding === 'valid' ? 0 : window.padding,
    });
  const weights = weightsOf(use, 'kernel', filterLast(weight), 2, outputs) ?? {};
  return use.imageLayer({ create, kernel: 'kernel', weights }, [x], [x.axes[0]!, axisOf(outputs), along(0), along(1)]);
}

function deformable(use: NodeUse): Value {
  const x = use.image();
  const { weight, group, outputs, isDepthwise } = filterOf(use, x);
  const window = windowOf(use, weight.shape.slice(2));
  const offsets = [use.image(2), ...(use.has(4) ? [use.image(4)] : [])];
  const kernel = isDepthwise ? 'depthwise_kernel' : 'kernel';
  const create = (creation: Creation) =>
    layers.deformableConv2d({
      ...argsOf(creation, window),
      ...(isDepthwise ? { depthwise: true, depthMultiplier: outputs / group } : { filters: outputs, groups: group }),
      ...{ predictOffsets: false, modulated: offsets.length === 2, offsetGroups: use.number('offset_group', 1) },
      kernelInitializer: creation.kernelInitializer,
    });
  const values = isDepthwise ? depthwiseLast(weight, group) : filterLast(weight);
  const weights = weightsOf(use, kernel, values, 3, outputs) ?? {};
  const axes = [x.axes[0]!, axisOf(outputs), ...slide(use, x, window)] as const;
  return use.imageLayer({ create, kernel, weights }, [x, ...offsets], axes);
}

function normalization(use: NodeUse): Value {
  const x = use.tensor();
  const stored = x.axes.length === 4 ? use.image() : use.planner.arrange(x, [...x.axes.keys()], use.node.name);
  const channels = known(use.planner.sizeOf(x.axes[1] ?? []));
  const parts = ['gamma', 'beta', 'moving_mean', 'moving_variance'];
  const weights = Object.fromEntries(
    parts.map((name, index) => {
      const { values } = use.floats(index + 1);
      if (values.length !== channels) throw new NotImportable(`its statistics must be for ${channels} channels`);
      return [name, vector(values)];
    }),
  );
  const settings = {
    axis: x.axes.length === 4 ? 3 : 1,
    epsilon: use.number('epsilon', 1e-5),
    momentum: use.number('momentum', 0.9),
  };
  use.expect('training_mode', use.number('training_mode', 0), [0]);
  use.expect('spatial', use.number('spatial', 1), [1]);
  return use.elementwise({ create: ({ name }) => layers.batchNormalization({ name, ...settings }), weights }, stored);
}

const CONVOLUTION_ATTRIBUTES = [...WINDOW_ATTRIBUTES, 'group'];

export const CONVOLUTION_OPERATORS: Operators = {
  BatchNormalization: { attributes: ['epsilon', 'momentum', 'spatial', 'training_mode'], build: normalization },
  Conv: { attributes: CONVOLUTION_ATTRIBUTES, build: convolution },
  ConvTranspose: { attributes: [...CONVOLUTION_ATTRIBUTES, 'output_padding'], build: transposed },
  DeformConv: { attributes: [...CONVOLUTION_ATTRIBUTES, 'offset_group'], build: deformable },
};
