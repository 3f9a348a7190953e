/** Layers of several convolutions: squeeze-and-excitation, atrous spatial pyramid pooling, receptive field blocks. */
import { receptiveFieldUnits, type ReceptiveFieldBlockVariant } from '../../layers/receptive_field_units.js';
import type { ConvUnitSpec } from '../../layers/conv_unit.js';
import { activate } from './activations.js';
import { convolve, globalAverage, normalize, POINTWISE, shapeOf } from './convolve.js';
import { float } from './graph.js';
import { imageOf, imageValue, type Converter, type Converters, type Image, type LayerUse } from './layer_use.js';

/** Convolution, normalisation and activation. */
function unit(use: LayerUse, image: Image, spec: ConvUnitSpec): Image {
  const { name, filters, kernelSize = [1, 1], stride = 1, dilation = 1, activation = 'relu' } = spec;
  const depthwise = filters === undefined;
  const y = convolve(use, image, {
    kernel: `${name}_${depthwise ? 'depthwise_kernel' : 'kernel'}`,
    depthwise,
    window: {
      kernelSize,
      strides: [stride, stride],
      dilations: [dilation, dilation],
      padding: [(dilation * (kernelSize[0] - 1)) / 2, (dilation * (kernelSize[1] - 1)) / 2],
    },
  });
  const normalized = normalize(use, y, `${name}_`, use.config['epsilon'] as number);
  return { ...normalized, name: activate(use.graph, normalized.name, activation, 1) };
}

/** One unit after the other. */
function branch(use: LayerUse, image: Image, specs: readonly ConvUnitSpec[]): Image {
  return specs.reduce((x, spec) => unit(use, x, spec), image);
}

const squeezeExcite: Converter = (use) => {
  const { graph, config } = use;
  const image = imageOf(use);
  const mix = (x: Image, name: string): Image =>
    convolve(use, x, { kernel: `${name}_kernel`, bias: `${name}_bias`, window: POINTWISE });
  const reduced = mix(globalAverage(use, image), 'reduce');
  const hidden = { ...reduced, name: activate(graph, reduced.name, config['activation'], 1) };
  const { name } = mix(hidden, 'expand');
  const gate =
    config['gateActivation'] === 'sigmoid'
      ? graph.node('Sigmoid', [name])
      : graph.node('HardSigmoid', [name], { alpha: float(1 / 6), beta: float(0.5) });
  return imageValue(use, { name: graph.node('Mul', [image.name, gate]) });
};

const pyramid: Converter = (use) => {
  const { graph, config } = use;
  const image = imageOf(use);
  const filters = config['filters'] as number;
  const rates = (config['rates'] as readonly number[]).map((dilation): readonly ConvUnitSpec[] => {
    const atrous = { name: `rate_${dilation}`, kernelSize: [3, 3], dilation } as const;
    if (config['separable'] !== true) return [{ ...atrous, filters }];
    const { name } = atrous;
    return [
      { ...atrous, name: `${name}_depthwise` },
      { name: `${name}_pointwise`, filters },
    ];
  });
  const outputs = [[{ name: 'point', filters }], ...rates].map((specs) => branch(use, image, specs).name);
  if (config['imagePooling'] !== false) {
    const pooled = unit(use, globalAverage(use, image), { name: 'pool', filters });
    const size = graph.node('Concat', [graph.integers(1, 1), shapeOf(graph, image.name, 2, 4)], { axis: 0 });
    outputs.push(graph.node('Expand', [pooled.name, size]));
  }
  const name = graph.node('Concat', outputs, { axis: 1 });
  return imageValue(
    use,
    unit(use, { ...image, name, channels: filters * outputs.length }, { name: 'project', filters }),
  );
};

const receptiveField: Converter = (use) => {
  const { graph, config } = use;
  const image = imageOf(use);
  const units = receptiveFieldUnits(image.channels, {
    filters: config['filters'] as number,
    variant: config['variant'] as ReceptiveFieldBlockVariant,
    strides: config['strides'] as number,
    visual: config['visual'] as number,
  });
  const outputs = units.branches.map((specs) => branch(use, image, specs));
  const name = graph.node(
    'Concat',
    outputs.map((output) => output.name),
    { axis: 1 },
  );
  const channels = outputs.reduce((sum, output) => sum + output.channels, 0);
  const projected = unit(use, { ...outputs[0]!, name, channels }, units.project);
  const scaled = graph.node('Mul', [projected.name, graph.scalar(config['scale'] as number)]);
  const sum = graph.node('Add', [scaled, unit(use, image, units.shortcut).name]);
  return imageValue(use, { name: graph.node('Relu', [sum]) });
};

export const COMPOSITE_LAYERS: Converters = {
  'Convolutions>AtrousSpatialPyramidPooling': pyramid,
  'Convolutions>ReceptiveFieldBlock': receptiveField,
  'Convolutions>SqueezeExcite': squeezeExcite,
};
