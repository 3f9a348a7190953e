/** Keras 3 for the layers of a picture. */
import { kernelSizeOf } from '../convolutions/common.js';
import { dilationsOf } from '../convolutions/dilated.js';
import { python, pythonCall } from './python.js';
import type { Settings } from './settings.js';
import type { Stage } from './stage.js';

const call = (name: string, ...rest: [readonly unknown[], Parameters<typeof pythonCall>[2]]): string =>
  pythonCall(`keras.layers.${name}`, ...rest);

/** Keras pads with zeros, or so that the size stays; every other padding is a layer before. */
function padded({ padding, mode }: Settings, stage: Stage, layer: string): string {
  const isPadded = stage.padding.flat().some((width) => width > 0);
  if (!isPadded || (padding === 'same' && mode === 'zeros')) return layer;
  if (mode !== 'zeros') {
    const widths = stage.padding.map((sides) => `(${sides.join(', ')})`).join(', ');
    return `# Keras has no layer that pads with mode "${mode}": keras.ops.pad by ${widths}, then\n${layer}`;
  }
  const isEven = stage.padding.every(([before, after]) => before === after);
  const widths = isEven
    ? python(stage.padding.map(([before]) => before))
    : `(${stage.padding.map((sides) => `(${sides.join(', ')})`).join(', ')})`;
  return `keras.layers.ZeroPadding2D(${widths})\n${layer}`;
}

function transposedCode(s: Settings): string {
  const { padding, amount, outputPadding: extra, stride, dilation } = s;
  const layer = (named: Parameters<typeof pythonCall>[2]): string =>
    call('Conv2DTranspose', [s.filters, kernelSizeOf(s)], {
      strides: [stride, 1],
      ...named,
      dilation_rate: [dilation, 1],
      use_bias: [s.bias === 'yes', true],
    });
  if (padding !== 'amount') return layer({ padding: [padding, 'valid'] });
  const isShort = kernelSizeOf(s).some((size) => (size - 1) * dilation + 1 < stride);
  if (isShort || extra > amount) return '# Keras has no equivalent of this padding.';
  if (amount === 0) return layer({});
  const sides = [amount, amount - extra];
  const crop = extra === 0 ? python(amount) : `(${python(sides)}, ${python(sides)})`;
  return `${layer({})}\nkeras.layers.Cropping2D(${crop})`;
}

/** @param name of the convolution */
export function kerasCode(name: string, s: Settings, stages: readonly Stage[]): string {
  const [first] = stages;
  const isDilated = s.dilation > 1 && name !== 'pointwise' && !name.startsWith('deformable') && name !== 'roi-pooling';
  if (s.stride > 1 && isDilated) return '# Keras does not combine strides with dilation.';
  const same = s.padding === 'same' && s.mode === 'zeros' ? 'same' : 'valid';
  const window = {
    strides: [s.stride, 1],
    padding: [same, 'valid'],
    dilation_rate: [s.dilation, 1],
  } as const;
  const useBias = { use_bias: [s.bias === 'yes', true] } as const;
  const kernel = kernelSizeOf(s);
  switch (name) {
    case 'plain':
      return padded(s, first!, call('Conv2D', [s.filters, kernel], { ...window, ...useBias }));
    case 'dilated':
      return stages
        .map((stage, index) =>
          padded(
            s,
            stage,
            call('Conv2D', [s.filters, kernel], { ...window, dilation_rate: [dilationsOf(s)[index]!, 1], ...useBias }),
          ),
        )
        .join('\n');
    case 'transposed':
      return transposedCode(s);
    case 'depthwise':
      return padded(
        s,
        first!,
        call('DepthwiseConv2D', [kernel], { ...window, depth_multiplier: [s.multiplier, 1], ...useBias }),
      );
    case 'pointwise':
      return call('Conv2D', [s.filters, 1], { strides: [s.stride, 1], ...useBias });
    case 'depthwise-separable':
      return padded(
        s,
        first!,
        call('SeparableConv2D', [s.filters, kernel], { ...window, depth_multiplier: [s.multiplier, 1], ...useBias }),
      );
    case 'spatially-separable':
      return spatialCode(s, stages, useBias);
    case 'grouped':
      return padded(s, first!, call('Conv2D', [s.filters, kernel], { ...window, groups: [s.groups, 1], ...useBias }));
    case 'deformable':
      return '# Keras has no deformable convolution.';
    default:
      return '# Keras has no deformable RoI pooling.';
  }
}

function spatialCode(s: Settings, stages: readonly Stage[], useBias: Parameters<typeof pythonCall>[2]): string {
  const halves = stages.map(({ kernel }, index) => {
    const [height, width] = kernel!.size;
    const isColumn = s.order === 'verticalFirst' ? index === 0 : index === 1;
    const along = (value: number): unknown => (isColumn ? [value, 1] : [1, value]);
    const isLast = index === 1;
    return padded(
      s,
      stages[index]!,
      call('Conv2D', [isLast ? s.filters : s.rank, [height, width]], {
        strides: [along(s.stride), 1],
        padding: [s.padding === 'same' && s.mode === 'zeros' ? 'same' : 'valid', 'valid'],
        dilation_rate: [along(s.dilation), 1],
        ...(isLast ? useBias : { use_bias: [false, true] as const }),
      }),
    );
  });
  return halves.join('\n');
}
