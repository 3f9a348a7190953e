/** Lines of code that make the layers of a picture: with this package, Keras and PyTorch. */
import type { Convolution } from './convolution.js';
import { kerasCode } from './keras_code.js';
import type { LayerSpec } from './question.js';
import type { Settings } from './settings.js';
import type { Stage } from './stage.js';
import { torchCode } from './torch_code.js';

/** Code for each library, by its name. */
export interface Code {
  readonly package: string;
  readonly Keras: string;
  readonly PyTorch: string;
}

export function codeOf(convolution: Convolution, settings: Settings, stages: readonly Stage[]): Code {
  return {
    package: convolution.network(settings).layers.map(packageCode).join('\n'),
    Keras: kerasCode(convolution.name, settings, stages),
    PyTorch: torchCode(convolution.name, settings, stages),
  };
}

/** Defaults of the layers, which are not written. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  strides: 1,
  dilationRate: 1,
  padding: 'valid',
  paddingMode: 'zeros',
  useBias: true,
  depthMultiplier: 1,
  modulated: true,
  order: 'verticalFirst',
};

/** Those of a dilated convolution, whose dilation is always written. */
const DILATED_DEFAULTS: typeof DEFAULTS = { ...DEFAULTS, dilationRate: undefined, padding: 'same' };

function packageCode({ factory, args = {} }: LayerSpec): string {
  const defaults = factory === 'dilatedConv2d' ? DILATED_DEFAULTS : DEFAULTS;
  const written = Object.entries(args)
    .filter(([name, value]) => defaults[name] !== value)
    .map(([name, value]) => `${name}: ${write(value)}`);
  return `conv.layers.${factory}({ ${written.join(', ')} })`;
}

function write(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (!Array.isArray(value)) return String(value);
  const [first, second] = value as unknown[];
  return value.length === 2 && first === second ? String(first) : `[${value.join(', ')}]`;
}
