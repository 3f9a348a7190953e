/** Runs Keras itself in the tests: a Python process that builds models and loads files that were saved for it. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const ROOT = path.resolve(__dirname, '../../..');
export const PACKAGES = path.join(ROOT, '.python/keras');

/** Reason why Keras is not available; undefined if it is installed. */
export function kerasAbsence(): string | undefined {
  return fs.existsSync(path.join(PACKAGES, 'packages.json'))
    ? undefined
    : 'Keras is not installed: npm run setup -- keras';
}

/** A Keras model: a network of keras.applications or one layer. */
export type KerasModel =
  | { readonly application: string; readonly arguments: object }
  | { readonly layer: string; readonly arguments: object; readonly input: readonly number[] }
  | { readonly subclassed: number }
  | Graph;

/** A model as a list of calls: tensor 0 is the input, each call creates the next tensor, and the last one is the output. */
export interface Graph {
  readonly input: readonly number[];
  /** Layers in the order of their creation. */
  readonly layers: readonly GraphLayer[];
  readonly calls: readonly (readonly [layer: number, inputs: readonly number[]])[];
  readonly name?: string;
}

/** A Keras layer, with the layers that it wraps, if any, or a nested model. */
export type GraphLayer =
  | {
      readonly type: string;
      readonly arguments: Readonly<Record<string, unknown>>;
      readonly layer?: GraphLayer;
      readonly cells?: readonly GraphLayer[];
    }
  | Graph;

export interface MakeRequest {
  readonly make: KerasModel;
  readonly seed: number;
  /** Smallest and largest input values. */
  readonly range: readonly [number, number];
  /** Paths to save the model with its random weights to; their extensions determine the formats. */
  readonly files: readonly string[];
}

/** An array from Keras. */
export interface KerasArray {
  readonly shape: number[];
  readonly data: Float32Array;
}

/** Output of the current model for its random input. */
export interface KerasAnswer {
  readonly input: KerasArray;
  readonly output: KerasArray;
}

/** A training run in Keras: initial weights, data, the loss before each step, and the names of weights that changed. */
export interface KerasTraining {
  readonly weights: Readonly<Record<string, KerasArray>>;
  readonly x: KerasArray;
  readonly y: KerasArray;
  readonly losses: readonly number[];
  readonly moved: readonly string[];
}

interface PackedTraining extends Pick<KerasTraining, 'losses' | 'moved'> {
  readonly weights: Readonly<Record<string, PackedArray>>;
  readonly x: PackedArray;
  readonly y: PackedArray;
}

/** An array as the programs write it. */
export interface PackedArray {
  readonly shape: number[];
  readonly data: string;
}

export class KerasProcess {
  private readonly python: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;
  private said = '';

  /**
   * @param server the program that answers; another one trains: {@link train} and {@link call}
   * @param settings environment of the program: a backend, and where its packages are
   */
  constructor(server = 'keras_server.py', settings: Readonly<Record<string, string>> = {}) {
    const env = {
      ...process.env,
      PYTHONPATH: PACKAGES,
      KERAS_HOME: path.join(PACKAGES, 'home'),
      PYTHONNOUSERSITE: '1',
      // Whatever the environment says: without compiled modules Keras starts in eight seconds instead of two.
      PYTHONDONTWRITEBYTECODE: '',
      ...settings,
    };
    this.python = spawn('python3', [path.join(__dirname, server)], { env });
    this.python.stderr.on('data', (data: Buffer) => (this.said += data.toString()));
    // A process that has ended says why on stderr; that it no longer reads is no news.
    this.python.stdin.on('error', () => undefined);
    this.reader = createInterface({ input: this.python.stdout });
    this.lines = this.reader[Symbol.asyncIterator]();
  }

  /** Builds a model, which becomes the current one, and saves it. */
  make(request: MakeRequest): Promise<KerasAnswer> {
    return this.ask(request);
  }

  /** Loads weights into the current model, after its own have been overwritten. */
  load(file: string): Promise<KerasAnswer> {
    return this.ask({ load: file });
  }

  /** Builds, freezes and trains a model by a recipe of keras_recipes.py. */
  async train(recipe: object, steps: number): Promise<KerasTraining> {
    const answer = (await this.request({ recipe, steps })) as PackedTraining;
    const weights = Object.entries(answer.weights).map(([name, array]) => [name, unpack(array)] as const);
    return { ...answer, weights: Object.fromEntries(weights), x: unpack(answer.x), y: unpack(answer.y) };
  }

  /** Computes the output of a Keras layer. */
  async call(layer: string, args: object, { shape, data }: KerasArray): Promise<KerasArray> {
    const x = { shape, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') };
    const { output } = (await this.request({ layer, arguments: args, x })) as { readonly output: PackedArray };
    return unpack(output);
  }

  async close(): Promise<void> {
    this.python.stdin.end();
    if (this.python.exitCode === null) await new Promise((resolve) => this.python.once('close', resolve));
    this.reader.close();
  }

  private async ask(request: object): Promise<KerasAnswer> {
    const { input, output } = (await this.request(request)) as Record<keyof KerasAnswer, PackedArray>;
    return { input: unpack(input), output: unpack(output) };
  }

  protected async request(request: object): Promise<unknown> {
    this.python.stdin.write(`${JSON.stringify(request)}\n`);
    const answer = await this.lines.next();
    if (answer.done === true) throw new Error(`Keras ended:\n${this.said}`);
    return JSON.parse(answer.value);
  }
}

/** Decodes an array. */
export function unpack({ shape, data }: PackedArray): KerasArray {
  return { shape, data: new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer) };
}
