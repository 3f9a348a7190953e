/** PyTorch for the layers of a picture, after `from torch import nn`. */
import { inputSizeOf, kernelSizeOf, slidingOptions } from '../convolutions/common.js';
import { dilationsOf } from '../convolutions/dilated.js';
import { pythonCall } from './python.js';
import type { Settings } from './settings.js';
import { NO_PADDING, slidingStage, type Stage } from './stage.js';

type Named = Parameters<typeof pythonCall>[2];

const PAD_LAYERS = {
  zeros: 'ZeroPad2d',
  reflect: 'ReflectionPad2d',
  replicate: 'ReplicationPad2d',
  circular: 'CircularPad2d',
};

/** `nn.Conv2d` of a stage; PyTorch pads alike on both sides, and any other padding is a layer before. */
function conv(
  s: Settings,
  { padding }: Stage,
  [channels, filters]: readonly [number, number],
  kernel: unknown,
  named: Named,
): string {
  const [[top, bottom], [left, right]] = padding;
  const isEven = top === bottom && left === right;
  const isPadded = padding.flat().some((width) => width > 0);
  const layer = pythonCall('nn.Conv2d', [channels, filters, kernel], {
    stride: [s.stride, 1],
    ...(isEven ? { padding: [[top, left], 0] as const } : {}),
    dilation: [s.dilation, 1],
    ...named,
    ...(isEven && isPadded ? { padding_mode: [s.mode, 'zeros'] as const } : {}),
  });
  return isEven ? layer : `nn.${PAD_LAYERS[s.mode]}((${[left, right, top, bottom].join(', ')}))\n${layer}`;
}

function transposedCode(s: Settings): string {
  const spans = kernelSizeOf(s).map((size) => (size - 1) * s.dilation + 1);
  const layer = (padding: unknown, extra: unknown): string =>
    pythonCall('nn.ConvTranspose2d', [s.channels, s.filters, kernelSizeOf(s)], {
      stride: [s.stride, 1],
      padding: [padding, 0],
      output_padding: [extra, 0],
      bias: [s.bias === 'yes', true],
      dilation: [s.dilation, 1],
    });
  if (s.padding === 'amount') return layer(s.amount, s.outputPadding);
  if (s.padding === 'valid') {
    return layer(
      0,
      spans.map((span) => Math.max(0, s.stride - span)),
    );
  }
  const over = spans.map((span) => span - s.stride);
  if (over.every((cells) => cells >= 0 && cells % 2 === 0)) {
    return layer(
      over.map((cells) => cells / 2),
      0,
    );
  }
  if (over.some((cells) => cells < 0)) return '# PyTorch has no equivalent of this padding.';
  const crop = over.map((cells, axis) => {
    const start = Math.floor(cells / 2);
    return `${start}:${start + inputSizeOf(s)[axis]! * s.stride}`;
  });
  return `${layer(0, 0)}  # then y[:, :, ${crop.join(', ')}]`;
}

function deformableCode(s: Settings): string {
  // The picture's padding has room for taps that are dragged outside.
  const stage = slidingStage('Kernel', slidingOptions(s), { inChannels: s.channels, filters: s.filters });
  const taps = s.kernelHeight * s.kernelWidth;
  const isEven = stage.padding.every(([before, after]) => before === after);
  const predictor = conv(s, stage, [s.channels, (s.version === 'v2' ? 3 : 2) * taps], kernelSizeOf(s), {});
  const layer = pythonCall('torchvision.ops.DeformConv2d', [s.channels, s.filters, kernelSizeOf(s)], {
    stride: [s.stride, 1],
    // Where the sides differ, both layers get the padded input.
    padding: [isEven ? stage.padding.map(([before]) => before) : 0, 0],
    dilation: [s.dilation, 1],
    bias: [s.bias === 'yes', true],
  });
  const masks = s.version === 'v2' ? `, of which the last ${taps} channels, after a sigmoid, are the mask` : '';
  return `${predictor}  # the offsets${masks}\n${layer}`;
}

/** @param name of the convolution */
export function torchCode(name: string, s: Settings, stages: readonly Stage[]): string {
  const [first, second] = stages;
  const bias = { bias: [s.bias === 'yes', true] } as const;
  const noBias = { bias: [false, true] } as const;
  const kernel = kernelSizeOf(s);
  const middle = s.channels * s.multiplier;
  const inARow = (...lines: string[]): string => lines.join('\n');
  switch (name) {
    case 'plain':
      return conv(s, first!, [s.channels, s.filters], kernel, bias);
    case 'dilated':
      return inARow(
        ...stages.map((stage, index) =>
          conv(
            { ...s, dilation: dilationsOf(s)[index]! },
            stage,
            [index === 0 ? s.channels : s.filters, s.filters],
            kernel,
            bias,
          ),
        ),
      );
    case 'transposed':
      return transposedCode(s);
    case 'depthwise':
      return conv(s, first!, [s.channels, middle], kernel, { groups: [s.channels, 1], ...bias });
    case 'pointwise':
      return conv({ ...s, dilation: 1 }, { ...first!, padding: NO_PADDING }, [s.channels, s.filters], 1, bias);
    case 'depthwise-separable':
      return inARow(
        conv(s, first!, [s.channels, middle], kernel, { groups: [s.channels, 1], ...noBias }),
        pythonCall('nn.Conv2d', [middle, s.filters, 1], bias),
      );
    case 'spatially-separable':
      return inARow(
        half(s, first!, [s.channels, s.rank], s.order === 'verticalFirst', noBias),
        half(s, second!, [s.rank, s.filters], s.order !== 'verticalFirst', bias),
      );
    case 'grouped':
      return conv(s, first!, [s.channels, s.filters], kernel, { groups: [s.groups, 1], ...bias });
    case 'deformable':
      return deformableCode(s);
    default:
      return '# torchvision has no deformable RoI pooling; without offsets, it is torchvision.ops.RoIAlign.';
  }
}

/** A column or a row of a spatially separable convolution. */
function half(s: Settings, stage: Stage, channels: readonly [number, number], isColumn: boolean, bias: Named): string {
  const along = (value: number): unknown => (isColumn ? [value, 1] : [1, value]);
  return conv({ ...s, stride: 1, dilation: 1 }, stage, channels, stage.kernel!.size, {
    stride: [along(s.stride), 1],
    dilation: [along(s.dilation), 1],
    ...bias,
  });
}
