/** A benchmark question: workloads to measure side by side, and target ratios between them. */

/** Input values, the same for every side. */
export interface InputSpec {
  readonly shape: readonly number[];
  /** Standard normal, uniform in [0, 1), or rows with a single 1, in turn. @default 'normal' */
  readonly fill?: 'normal' | 'uniform' | 'oneHot';
  /** Scale of the values. @default 1 */
  readonly scale?: number;
}

export type Inputs = Readonly<Record<string, InputSpec>>;

/** Programs that run workloads, each in its own process, once for each number of threads. */
export type PeerName =
  | 'wasm'
  | 'cpu'
  | 'tfjs-node'
  | 'onnxruntime-web'
  | 'onnxruntime-node'
  | 'jax-js'
  | 'torch'
  | 'keras'
  /** A page: this package on wasm, and LiteRT.js. */
  | 'chromium';

export type Params = Readonly<Record<string, number | boolean | string | readonly number[]>>;

/** One side of a comparison. */
export interface Side {
  readonly peer: PeerName;
  /** @default 1 */
  readonly threads?: 1 | 2;
  /** Name of the workload in the peer's process. */
  readonly work: string;
  readonly params?: Params;
  /** Inputs, if they differ from those of the comparison. */
  readonly inputs?: Inputs;
  /** Units of work per run, if sides are compared by throughput. */
  readonly amount?: number;
  /** True if only its results are used, to check the other sides; it must precede them. */
  readonly untimed?: boolean;
  /** Sides with the same name must have equal results. @default 'all' */
  readonly result?: string;
}

/** A target ratio. */
export interface Target {
  readonly work: string;
  readonly against: string;
  /** Key of the side that is evaluated. */
  readonly ours: string;
  /** Keys of the sides to compare with; the best of them counts. */
  readonly peers: readonly string[];
  readonly limit: number;
  /** Limit if the engine runs the relaxed SIMD binary. */
  readonly relaxed?: number;
  /** True if the ratio is one of throughputs and must be at least the limit. */
  readonly atLeast?: boolean;
}

/** Workloads that are measured alternately. */
export interface Comparison {
  /** The shape. */
  readonly title: string;
  readonly inputs: Inputs;
  readonly sides: Readonly<Record<string, Side>>;
  readonly targets: readonly Target[];
  /** Largest difference between results, relative to their root mean square. @default 1e-3 */
  readonly tolerance?: number;
  /** Unit of the figures. @default 'ms' */
  readonly unit?: 'ms' | 'MiB';
}

export interface Question {
  readonly name: string;
  /** One sentence for the tables that describes the comparison. */
  readonly title: string;
  readonly comparisons: readonly Comparison[];
}

/** Figure of one side: the best pass, and all passes. */
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
  /** Reason why there is no ratio. */
  readonly missing?: string;
}
