/** What a benchmark asks: which works are measured side by side, and which ratios between them are wanted. */

/** Values that go to every side alike. */
export interface InputSpec {
  readonly shape: readonly number[];
  /** Standard normal, uniform in [0, 1), or rows with a single 1, in turn. @default 'normal' */
  readonly fill?: 'normal' | 'uniform' | 'oneHot';
  /** Factor on the values. @default 1 */
  readonly scale?: number;
}

export type Inputs = Readonly<Record<string, InputSpec>>;

/** Programs that work; each runs in a process of its own, once for each number of threads. */
export type PeerName = 'wasm' | 'cpu' | 'tfjs-node' | 'onnxruntime-web' | 'onnxruntime-node' | 'torch' | 'keras';

export type Params = Readonly<Record<string, number | boolean | string | readonly number[]>>;

/** One side of a comparison. */
export interface Side {
  readonly peer: PeerName;
  /** @default 1 */
  readonly threads?: 1 | 2;
  /** Name of the work, which the peer's process knows. */
  readonly work: string;
  readonly params?: Params;
  /** Where they differ from those of the comparison. */
  readonly inputs?: Inputs;
  /** Units of work in a run, where sides are compared by what they do in a second. */
  readonly amount?: number;
  /** Only its results are wanted, for the other sides to be checked by: place it before them. */
  readonly untimed?: boolean;
  /** Sides of one name must have equal results. @default 'all' */
  readonly result?: string;
}

/** A ratio that is wanted. */
export interface Target {
  readonly work: string;
  readonly against: string;
  /** Key of the side that is judged. */
  readonly ours: string;
  /** Keys of the sides that it is compared with; the best of them counts. */
  readonly peers: readonly string[];
  readonly limit: number;
  /** The limit where the engine runs the relaxed SIMD binary. */
  readonly relaxed?: number;
  /** The ratio is one of amounts in a second, and to be at least the limit. */
  readonly atLeast?: boolean;
}

/** Works that are measured in turn. */
export interface Comparison {
  /** The shape. */
  readonly title: string;
  readonly inputs: Inputs;
  readonly sides: Readonly<Record<string, Side>>;
  readonly targets: readonly Target[];
  /** Largest difference of results, relative to their root mean square. @default 1e-3 */
  readonly tolerance?: number;
  /** What the sides' figures are. @default 'ms' */
  readonly unit?: 'ms' | 'MiB';
}

export interface Question {
  readonly name: string;
  /** One sentence for the tables: what is compared, and how. */
  readonly title: string;
  readonly comparisons: readonly Comparison[];
}

/** The figure of one side: the best pass, and all of them. */
export interface Figure {
  readonly label: string;
  readonly best: number;
  readonly passes: readonly number[];
}

/** One row of the tables. */
export interface Row {
  readonly question: string;
  readonly title: string;
  readonly work: string;
  readonly against: string;
  readonly limit: number;
  readonly atLeast: boolean;
  readonly unit: string;
  readonly ours?: Figure;
  readonly peer?: Figure;
  readonly ratio?: number;
  readonly met?: boolean;
  /** Why there is no ratio. */
  readonly missing?: string;
}
