/** Options of the commands, as the parser gives them. */
import type { ExportOnnxOptions } from '../interop/onnx/export_onnx.js';
import type { CacheName } from '../training/caches.js';
import type { WeightType } from '../training/weight_types.js';
import type { MemoryUse } from '../recompute/memory_use.js';
import type { BackendName, ModelName, SegmenterName, TaskName } from './model_names.js';
import type { ResultFormat } from './predict_results.js';
import type { PreprocessingFlags } from './model_preprocessing.js';
import type { RecipeOptions } from './recipe_options.js';

/** Options of `train`. */
export interface TrainCommandOptions extends PreprocessingFlags, RecipeOptions {
  readonly task: TaskName;
  readonly data: string;
  readonly limit?: number;
  readonly cache?: CacheName;
  readonly skipBroken?: boolean;
  readonly model: ModelName | SegmenterName;
  readonly from?: string;
  /** Number or name of the last layer to freeze. */
  readonly freeze?: number | string;
  readonly unfreezeAfter?: number;
  readonly unfreezeRate?: number;
  readonly alpha: number;
  readonly deformable: number;
  readonly size?: number;
  readonly downsampling?: number;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly augmentation: boolean;
  readonly seed: number;
  readonly backend: BackendName;
  readonly threads?: number;
  readonly memory: MemoryUse;
  readonly weights?: WeightType;
  readonly out?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly plots: boolean;
  readonly preview?: string;
  /** True to show the run on a page of this machine. */
  readonly live?: boolean;
}

/** Options of `evaluate`. */
export interface EvaluateCommandOptions extends PreprocessingFlags {
  readonly skipBroken?: boolean;
  readonly data?: string;
  readonly batch: number;
  readonly seed?: number;
  readonly backend: BackendName;
  readonly threads?: number;
  readonly threshold?: number;
  readonly out?: string;
}

/** Options of `predict`. */
export interface PredictCommandOptions {
  readonly top?: number;
  readonly threshold?: number;
  readonly format: ResultFormat;
  readonly out?: string;
  readonly skipBroken?: boolean;
  readonly size?: number;
  readonly classNames?: readonly string[];
  readonly preprocessing?: readonly [scale: number, offset: number];
  readonly batch: number;
  readonly backend?: BackendName;
  readonly threads?: number;
}

/** Options of `analyze`. */
export interface AnalyzeCommandOptions {
  readonly alpha: number;
  readonly deformable: number;
  readonly size: number;
  readonly downsampling?: number;
  readonly channels: number;
  readonly classes: number;
  readonly image?: string;
  readonly threads?: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly plots: boolean;
}

/** Options of `convert`: those of saveOnnx. */
export interface ConvertCommandOptions {
  readonly deformable: NonNullable<ExportOnnxOptions['deformable']>;
  readonly nanGuard: boolean;
  readonly layout?: NonNullable<ExportOnnxOptions['layout']>;
  readonly inputShape?: readonly (number | null)[];
  readonly foldBatchNormalization?: boolean;
  readonly weights: WeightType;
  readonly classNames?: readonly string[];
  readonly preprocessing?: readonly [scale: number, offset: number];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly externalData?: boolean;
}
