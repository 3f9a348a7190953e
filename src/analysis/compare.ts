/** Comparison of models: parameters, cost, receptive field and latency on this machine. */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError, typeError } from '../errors.js';
import { cost } from './cost.js';
import { lastPlaced, traceFields, type Axes } from './field_trace.js';
import { checkModel } from '../support/check_model.js';
import { checkInputs, inputShapesOf } from './graph.js';
import { formatAxes, formatCount, formatShape, formatTable, shownAsText, type Column } from './report.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkFields } from '../support/check_fields.js';

/** Milliseconds of one forward pass over a batch. */
export interface Latency {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One model of a comparison. */
export interface ComparedModel {
  readonly name: string;
  /** Number of parameters, trainable or not. */
  readonly params: number;
  /** Multiply-adds per image, without those of offset convolutions. */
  readonly macs: number;
  readonly offsetMacs: number;
  /** Receptive field of the last layer before global pooling; null if it is unknown or there is no image input. */
  readonly receptiveField: {
    readonly layer: string;
    readonly size: Axes;
    readonly global: boolean;
    readonly dataDependent: boolean;
  } | null;
  readonly latency: Latency;
  /** Ratios to the first model: 2 is twice as much. MACs include those of offsets; null if the first model has none. */
  readonly ratio: { readonly params: number | null; readonly macs: number | null; readonly latency: number };
}

/** Result of {@link compare}; prints as a table and serialises to JSON. */
export interface CompareReport {
  /** Models in the given order. */
  readonly models: readonly ComparedModel[];
  /** Backend on which latencies were measured. */
  readonly backend: string;
  readonly batchSize: number;
  /** Number of timed runs of each model, after `warmUp` untimed ones. */
  readonly runs: number;
  readonly warmUp: number;
  /** Shapes of the inputs, without the batch axis: those of the first model. */
  readonly inputShapes: readonly (readonly number[])[];
  toString(): string;
}

/** Options of {@link compare}. */
export interface CompareOptions {
  /** Shape of one image, or one shape per input, without the batch axis. @default the input shape of each model */
  readonly inputShape?: tf.Shape | readonly tf.Shape[];
  /** Number of images per forward pass. @default 1 */
  readonly batchSize?: number;
  /** Inputs for all models, instead of random numbers; they also set shapes and batch size. */
  readonly x?: tf.Tensor | readonly tf.Tensor[];
  /** Number of timed runs of each model. @default 10 */
  readonly runs?: number;
  /** Number of untimed runs of each model before, which compile kernels and allocate memory. @default 3 */
  readonly warmUp?: number;
}

const ACTION = 'compare models';
const OPTIONS = {
  inputShape: true,
  batchSize: true,
  x: true,
  runs: true,
  warmUp: true,
} as const satisfies OptionNames<CompareOptions>;

/**
 * Compares models: parameters, multiply-adds, receptive field, and latency measured on the active backend.
 *
 * A latency is the median time of a forward pass, including the download of its output. The models take turns, run by
 * run, so that a machine that slows down affects all of them. Other load on the machine shows in the difference of
 * `max` and `min`.
 *
 * @param models the models, keyed by the names in the table; ratios are relative to the first
 * @param options inputs and number of runs; see {@link CompareOptions}
 * @returns one row per model; `toString()` gives a table
 * @throws TypeError for anything but models; RangeError for an empty list of models and for unknown or incompatible
 * shapes
 * @example
 * ```ts
 * const options = { alpha: 0.25, inputShape: [32, 32, 3], classes: 10 };
 * const plain = conv.mobileNetV1(options);
 * const full = conv.mobileNetV1({ ...options, convolution: 'full' });
 * const report = await conv.compare({ plain, full }, { runs: 3 });
 * console.log(report.models.map(({ name, ratio }) => `${name} ${ratio.macs.toFixed(2)}`)); // ['plain 1.00', 'full 7.49']
 * ```
 */
export async function compare(
  models: Readonly<Record<string, tf.LayersModel>>,
  options: CompareOptions = {},
): Promise<CompareReport> {
  checkOptions(ACTION, options, OPTIONS);
  checkFields(ACTION, 'models', models, 'an object of models by name', []);
  const entries = Object.entries(models);
  if (entries.length === 0) throw rangeError(ACTION, 'there must be at least one model', 'models', 0);
  for (const [, model] of entries) checkModel(ACTION, model);
  const runs = checkInteger(ACTION, 'runs', options.runs ?? 10, 1);
  const warmUp = checkInteger(ACTION, 'warmUp', options.warmUp ?? 3, 0);
  const inputs: (readonly tf.Tensor[])[] = [];
  try {
    for (const [, model] of entries) inputs.push(inputsFor(model, options));
    const described = entries.map(([name, model], index) => describe(name, model, inputs[index]!));
    const latencies = await measure(
      entries.map(([, model], index) => ({ model, inputs: inputs[index]! })),
      runs,
      warmUp,
    );
    const rows = described.map((row, index) => ({ ...row, latency: latencies[index]! }));
    return shownAsText({
      models: rows.map((row) => ({ ...row, ratio: ratioOf(row, rows[0]!) })),
      backend: tf.getBackend(),
      batchSize: inputs[0]![0]!.shape[0],
      runs,
      warmUp,
      inputShapes: inputs[0]!.map(({ shape }) => shape.slice(1)),
      toString: print,
    });
  } finally {
    tf.dispose(inputs.flat());
  }
}

/** Clones of the given inputs, or random numbers in [0, 1); boxes and other inputs are random too. */
function inputsFor(model: tf.LayersModel, { x, inputShape, batchSize = 1 }: CompareOptions): readonly tf.Tensor[] {
  if (x !== undefined) {
    if (inputShape !== undefined) {
      throw typeError(ACTION, 'x and inputShape are mutually exclusive', 'inputShape', inputShape);
    }
    const given = tf.tidy(() => checkInputs(ACTION, model, x).map((tensor) => tf.clone(tensor)));
    try {
      checkFit(
        model,
        given.map(({ shape }) => shape),
        'x.shape',
      );
    } catch (error) {
      tf.dispose(given);
      throw error;
    }
    return given;
  }
  checkInteger(ACTION, 'batchSize', batchSize, 1);
  const shapes = inputShapesOf(ACTION, model, inputShape);
  checkFit(model, shapes, 'inputShape');
  return shapes.map((shape, index) => {
    const sizes = [batchSize, ...shape.slice(1)] as number[];
    return model.inputs[index]!.dtype === 'int32' ? tf.zeros(sizes, 'int32') : tf.randomUniform(sizes);
  });
}

/** Checks the shapes: a model runs only on the sizes that it was built for, unless they are unknown. */
function checkFit(model: tf.LayersModel, shapes: readonly tf.Shape[], name: string): void {
  const [own, shape] = [model.inputs[0]!.shape.slice(1), shapes[0]!.slice(1)];
  if (shapes.length > 1 || own.every((size, axis) => size === null || size === shape[axis])) return;
  throw rangeError(ACTION, `model '${model.name}' takes [${own.join(', ')}] without the batch axis`, name, shape);
}

function describe(
  name: string,
  model: tf.LayersModel,
  inputs: readonly tf.Tensor[],
): Omit<ComparedModel, 'latency' | 'ratio'> {
  const inputShape = inputs.map(({ shape }) => shape.slice(1));
  const { total } = cost(model, { inputShape });
  return {
    name,
    params: total.params.trainable + total.params.nonTrainable,
    macs: total.macs,
    offsetMacs: total.offsetMacs,
    receptiveField: fieldOf(model, inputShape),
  };
}

function fieldOf(model: tf.LayersModel, inputShape: readonly tf.Shape[]): ComparedModel['receptiveField'] {
  if (!model.inputs.some(({ shape }) => shape.length === 4)) return null;
  const last = lastPlaced(traceFields(ACTION, model, { inputShape, strict: false }).calls);
  if (last?.output === undefined) return null;
  const { size, global, dataDependent } = last.output;
  return { layer: last.path, size, global, dataDependent };
}

/** A model and its inputs. */
interface Job {
  readonly model: tf.LayersModel;
  readonly inputs: readonly tf.Tensor[];
}

/** Measures latencies of models that take turns. */
async function measure(jobs: readonly Job[], runs: number, warmUp: number): Promise<Latency[]> {
  const times = jobs.map((): number[] => []);
  for (let round = -warmUp; round < runs; round++) {
    for (const [index, job] of jobs.entries()) {
      const time = await timeOnce(job);
      if (round >= 0) times[index]!.push(time);
    }
  }
  return times.map((list) => {
    const sorted = list.sort((a, b) => a - b);
    const center = (sorted.length - 1) / 2;
    const median = (sorted[Math.floor(center)]! + sorted[Math.ceil(center)]!) / 2;
    return { median, min: sorted[0]!, max: sorted.at(-1)! };
  });
}

async function timeOnce({ model, inputs }: Job): Promise<number> {
  const start = performance.now();
  const outputs = tf.tidy(() => {
    // predict() requires as many boxes as images; apply() does not, but keeps all intermediate values for longer.
    const [x] = inputs as readonly [tf.Tensor];
    const result = inputs.length === 1 ? model.predict(x, { batchSize: x.shape[0] }) : model.apply([...inputs]);
    return [result as tf.Tensor | tf.Tensor[]].flat();
  });
  await Promise.all(outputs.map((output) => output.data()));
  const time = performance.now() - start;
  tf.dispose(outputs);
  return time;
}

function ratioOf(row: Omit<ComparedModel, 'ratio'>, first: Omit<ComparedModel, 'ratio'>): ComparedModel['ratio'] {
  const over = (value: number, base: number): number | null => (base === 0 ? null : value / base);
  return {
    params: over(row.params, first.params),
    macs: over(row.macs + row.offsetMacs, first.macs + first.offsetMacs),
    latency: row.latency.median / first.latency.median,
  };
}

function print(this: CompareReport): string {
  const { models, backend, batchSize, runs, warmUp, inputShapes } = this;
  const deformable = models.some(({ offsetMacs }) => offsetMacs > 0);
  const right = (title: string): Column => ({ title, align: 'right' });
  const columns: Column[] = [
    { title: 'model', align: 'left' },
    ...['params', '×', 'MACs', ...(deformable ? ['offset MACs'] : []), '×', 'receptive field', 'ms', '×'].map(right),
  ];
  const factor = (value: number | null): string => (value === null ? '–' : value.toFixed(2));
  const rows = models.map(({ name, params, macs, offsetMacs, receptiveField: field, latency, ratio }) => [
    name,
    formatCount(params),
    factor(ratio.params),
    formatCount(macs),
    ...(deformable ? [formatCount(offsetMacs)] : []),
    factor(ratio.macs),
    field === null ? '?' : formatAxes(field.size) + (field.global ? ', whole image' : ''),
    latency.median.toFixed(latency.median < 10 ? 2 : 1),
    factor(ratio.latency),
  ]);
  const batch = `${batchSize} × ${inputShapes.map(formatShape).join(', ')}`;
  return [
    formatTable(columns, rows),
    `ms: median of ${runs} runs after ${warmUp} others on ${backend}, batch ${batch}; ×: against ${models[0]!.name}`,
  ].join('\n');
}
