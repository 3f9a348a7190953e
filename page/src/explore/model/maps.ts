/** Feature maps of a diagram, from input to output, and the cells of each that one output cell reads. */
import type { Place } from 'tfjs-convolutions/geometry';
import type { Convolution } from './convolution.js';
import type { Settings } from './settings.js';
import type { Stage, StageRead } from './stage.js';

export type MapTitle = 'Input' | 'Middle' | 'After layer 1' | 'After layer 2' | 'Output';

export interface CellMap {
  readonly title: MapTitle;
  readonly size: Place;
  readonly channels: number;
}

/** Contents of the diagram: feature maps, and a stage between each and the next. */
export interface Picture {
  readonly maps: readonly CellMap[];
  readonly stages: readonly Stage[];
}

/** @throws RangeError of the package if settings are inconsistent */
export function pictureOf(convolution: Convolution, settings: Settings): Picture {
  const stages = convolution.stages(settings);
  const input: CellMap = { title: 'Input', size: [settings.height, settings.width], channels: settings.channels };
  const after = stages.map(({ outputSize, groups }, index): CellMap => ({
    title: index === stages.length - 1 ? 'Output' : convolution.between![index]!,
    size: outputSize,
    channels: groups.reduce((sum, { outputs }) => sum + outputs.length, 0),
  }));
  return { maps: [input, ...after], stages };
}

/** Cells of one feature map that the selected output cell reads. */
export interface MapReads {
  /** Largest weight of a read of each cell, by `y,x`. */
  readonly cells: ReadonlyMap<string, number>;
  /** Individual reads, if only one cell of the next map is needed; otherwise empty. */
  readonly reads: readonly StageRead[];
  /** Cell of the next map that they contribute to. */
  readonly target: Place | null;
  /** Channels read. */
  readonly channels: ReadonlySet<number>;
}

export const keyOf = ([y, x]: Place): string => `${y},${x}`;

/** Finds the cells that an output cell reads in every feature map except the last, in order. */
export function traceReads({ stages }: Picture, cell: Place, channel: number): MapReads[] {
  let targets: readonly Place[] = [cell];
  let channels: ReadonlySet<number> = new Set([channel]);
  const traced: MapReads[] = [];
  for (const stage of [...stages].reverse()) {
    const reads = targets.map(([y, x]) => stage.reads(y, x));
    const cells = new Map<string, number>();
    const cellsRead: Place[] = [];
    for (const { cell: at, weight } of reads.flat().flatMap((read) => read.cells)) {
      const key = keyOf(at);
      if (!cells.has(key)) cellsRead.push(at);
      cells.set(key, Math.max(weight, cells.get(key) ?? 0));
    }
    const feeding = stage.groups.filter(({ outputs }) => outputs.some((output) => channels.has(output)));
    channels = new Set(feeding.flatMap(({ inputs }) => inputs));
    const isSingle = reads.length === 1;
    traced.unshift({ cells, reads: isSingle ? reads[0]! : [], target: isSingle ? targets[0]! : null, channels });
    targets = cellsRead;
  }
  return traced;
}

/** Reads of a map that nothing selected reads. */
const UNREAD: MapReads = { cells: new Map(), reads: [], target: null, channels: new Set() };

/** The same for a cell of the map after one stage, as far as that stage. */
export function traceStage({ maps, stages }: Picture, stage: number, cell: Place, channel: number): MapReads[] {
  const [reads] = traceReads({ maps: maps.slice(stage, stage + 2), stages: [stages[stage]!] }, cell, channel);
  return stages.map((_, index) => (index === stage ? reads! : UNREAD));
}

/** Group of a channel on either side of a stage. */
export function groupOf({ groups }: Stage, side: 'inputs' | 'outputs', channel: number): number {
  return groups.findIndex((group) => group[side].includes(channel));
}
