/** The maps of a picture, from input to output, and what one output cell reads of each. */
import type { Place } from 'tfjs-convolutions/geometry';
import type { Convolution } from './convolution.js';
import type { Settings } from './settings.js';
import type { Stage, StageRead } from './stage.js';

export interface CellMap {
  readonly title: string;
  readonly size: Place;
  readonly channels: number;
}

/** What the picture shows: maps, and a stage between each and the next. */
export interface Picture {
  readonly maps: readonly CellMap[];
  readonly stages: readonly Stage[];
}

/** @throws RangeError, the package's own, where settings do not fit together */
export function pictureOf(convolution: Convolution, settings: Settings): Picture {
  const stages = convolution.stages(settings);
  const input: CellMap = { title: 'Input', size: [settings.height, settings.width], channels: settings.channels };
  const after = stages.map(({ outputSize, groups }, index) => ({
    title: index === stages.length - 1 ? 'Output' : convolution.between![index]!,
    size: outputSize,
    channels: groups.reduce((sum, { outputs }) => sum + outputs.length, 0),
  }));
  return { maps: [input, ...after], stages };
}

/** What the chosen output cell reads of one map. */
export interface MapReads {
  /** Cells by `y,x`: how much they count, the nearest of all reads. */
  readonly cells: ReadonlyMap<string, number>;
  /** The single reads, where one cell of the next map is all that is asked for; else none. */
  readonly reads: readonly StageRead[];
  /** The cell of the next map that they make. */
  readonly target: Place | null;
  /** Channels that are read. */
  readonly channels: ReadonlySet<number>;
}

export const keyOf = ([y, x]: Place): string => `${y},${x}`;

/** What output cell `cell` of channel `channel` reads of every map but the last, in the order of the maps. */
export function traceReads({ stages }: Picture, cell: Place, channel: number): MapReads[] {
  let targets: readonly Place[] = [cell];
  let channels: ReadonlySet<number> = new Set([channel]);
  const traced: MapReads[] = [];
  for (const stage of [...stages].reverse()) {
    const reads = targets.map(([y, x]) => stage.reads(y, x));
    const cells = new Map<string, number>();
    const places: Place[] = [];
    for (const { cell: at, weight } of reads.flat().flatMap((read) => read.cells)) {
      const key = keyOf(at);
      if (!cells.has(key)) places.push(at);
      cells.set(key, Math.max(weight, cells.get(key) ?? 0));
    }
    const feeding = stage.groups.filter(({ outputs }) => outputs.some((output) => channels.has(output)));
    channels = new Set(feeding.flatMap(({ inputs }) => inputs));
    const isSingle = reads.length === 1;
    traced.unshift({ cells, reads: isSingle ? reads[0]! : [], target: isSingle ? targets[0]! : null, channels });
    targets = places;
  }
  return traced;
}

/** The group of a channel on either side of a stage. */
export function groupOf({ groups }: Stage, side: 'inputs' | 'outputs', channel: number): number {
  return groups.findIndex((group) => group[side].includes(channel));
}
