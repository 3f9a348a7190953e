/** State of the view of one convolution: its settings, the diagram of the last valid ones, numbers and the worker's answers. */
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import type { BackendName } from '../../engine/backend_names.js';
import { messageOf } from '../../shared/message_of.js';
import { readState, startOf, writeState } from './address.js';
import { backwardOf, type Backward } from './backward.js';
import type { Convolution, Example } from './convolution.js';
import { inkOf } from './inputs.js';
import { withWeight } from './kernels.js';
import { pictureOf, traceReads, traceStage, type MapReads, type Picture } from './maps.js';
import { drawNumbers, questionOf, type Numbers } from './numbers.js';
import { START, type FieldName, type Settings } from './settings.js';
import { useAnswers, type Answers } from './use_answers.js';

export interface View {
  /** Current values of the controls. */
  readonly settings: Settings;
  /** Last valid settings, and their diagram. */
  readonly valid: Settings;
  readonly picture: Picture;
  /** Reason why the settings are invalid, and the field that was changed last. */
  readonly fault: { readonly field: FieldName | undefined; readonly message: string } | undefined;
  /** Stage that is shown alone; `null` for all of them. */
  readonly act: number | null;
  readonly setAct: (act: number | null) => void;
  /** Index of the feature map with the selected cell: that after the act, or the output. */
  readonly target: number;
  /** Selected cell, or the one under the mouse. */
  readonly cell: Place;
  readonly channel: number;
  /** Visible channel of every feature map. */
  readonly shown: readonly number[];
  readonly traced: readonly MapReads[];
  readonly seed: number | null;
  /** Backend that computes the numbers. */
  readonly backend: BackendName;
  readonly numbers: Numbers | null;
  /** Numbers of every feature map, if known. */
  readonly values: readonly (readonly number[] | undefined)[];
  /** True if gradients of the selected output cell are shown. */
  readonly isBackward: boolean;
  readonly setBackward: (isBackward: boolean) => void;
  /** The gradients, once they are known. */
  readonly backward: Backward | null;
  readonly answers: Answers;
  /** URL of this view. */
  readonly address: string;
  readonly change: (part: Partial<Settings>, field?: FieldName) => void;
  readonly open: (example: Example) => void;
  readonly choose: (cell: Place) => void;
  /** Shows another cell as long as the mouse is over it. */
  readonly hover: (cell: Place | null) => void;
  /** Sets a weight of a stage. */
  readonly setWeight: (stage: number, index: number, value: number) => void;
  /** Sets (1) or clears (0) a cell of the drawing. */
  readonly paint: (cell: Place, ink: number) => void;
  /** Goes back to earlier settings. */
  readonly restore: (settings: Settings) => void;
  readonly show: (map: number, channel: number) => void;
  readonly run: (seed: number | null) => void;
  readonly computeBy: (backend: BackendName) => void;
}

interface Fitting {
  readonly settings: Settings;
  readonly picture: Picture;
}

function tryPicture(convolution: Convolution, settings: Settings): Fitting | string {
  try {
    return { settings, picture: pictureOf(convolution, settings) };
  } catch (error) {
    return messageOf(error);
  }
}

const clampTo = ([y, x]: Place, [height, width]: Place): Place => [Math.min(y, height - 1), Math.min(x, width - 1)];

/** Fields whose change resets taps and bins. */
const COUNTING: readonly FieldName[] = ['kernelHeight', 'kernelWidth', 'binRows', 'binColumns'];
/** Fields whose change resets weights that a person has set. */
const WEIGHING: readonly FieldName[] = [...COUNTING, 'preset', 'channels', 'filters', 'groups', 'multiplier', 'rank'];

/** @param query query of the URL when the view opens */
export function useView(convolution: Convolution, query: string): View {
  const [start] = useState(() => readState(convolution, query));
  const [settings, setSettings] = useState(start.settings);
  const [field, setField] = useState<FieldName>();
  const [chosen, setChosen] = useState<Place>(start.cell);
  const [hovered, setHovered] = useState<Place | null>(null);
  const [wanted, setWanted] = useState<readonly number[]>([]);
  const [asked, setAsked] = useState(start.channel);
  const [act, setAct] = useState(start.act);
  const [seed, setSeed] = useState(start.seed);
  const [backend, setBackend] = useState<BackendName>('wasm');

  const tried = useMemo(() => tryPicture(convolution, settings), [convolution, settings]);
  const fitting = useRef<Fitting>(undefined);
  if (typeof tried !== 'string') fitting.current = tried;
  fitting.current ??= tryPicture(convolution, startOf(convolution)) as Fitting;
  const { settings: valid, picture } = fitting.current;

  const target = act === null ? picture.maps.length - 1 : act + 1;
  const output = picture.maps[target]!;
  const [row, column] = clampTo(hovered ?? chosen, output.size);
  const cell = useMemo((): Place => [row, column], [row, column]);
  const channel = Math.min(asked, output.channels - 1);
  const traced = useMemo(
    () => (act === null ? traceReads(picture, cell, channel) : traceStage(picture, act, cell, channel)),
    [picture, act, cell, channel],
  );
  // In every feature map, shows a channel that is involved, unless another was requested.
  const shown = picture.maps.map(({ channels }, index) => {
    if (index === target) return channel;
    const other = wanted[index];
    if (other !== undefined && other < channels) return other;
    const read = traced[index]?.channels;
    return read === undefined || read.size === 0 ? 0 : Math.min(...read);
  });

  const numbers = useMemo(() => (seed === null ? null : drawNumbers(valid, picture, seed)), [valid, picture, seed]);
  const [isBackward, setBackward] = useState(false);
  const differentiated = useMemo(
    () => (isBackward && act === null ? ([cell[0], cell[1], channel] as const) : null),
    [isBackward, act, cell, channel],
  );
  const question = useMemo(
    () => questionOf(convolution, valid, picture, numbers, { backend, backward: differentiated }),
    [convolution, valid, picture, numbers, backend, differentiated],
  );
  const answers = useAnswers(question);
  const found = answers.isCurrent ? answers.answer!.gradients : null;
  const backward = differentiated !== null && found !== null ? backwardOf(convolution, valid, picture, found) : null;
  const made = answers.isCurrent && numbers !== null ? answers.answer!.maps : [];

  const change = (part: Partial<Settings>, changed?: FieldName): void => {
    setField(changed);
    const moved = changed !== undefined && COUNTING.includes(changed) ? { offsets: [], masks: [] } : {};
    const weighed = changed !== undefined && WEIGHING.includes(changed) ? { weights: [] } : {};
    setSettings((before) => ({ ...before, ...moved, ...weighed, ...part }));
  };
  const paint = (at: Place, ink: number): void => {
    setSettings((before) => {
      const drawn = inkOf(before);
      const index = at[0] * before.width + at[1];
      return drawn[index] === ink ? before : { ...before, ink: drawn.map((each, i) => (i === index ? ink : each)) };
    });
  };
  return {
    settings,
    valid,
    picture,
    fault: typeof tried === 'string' ? { field, message: tried } : undefined,
    act,
    setAct: (next) => {
      setAct(next);
      setWanted([]);
    },
    target,
    cell,
    channel,
    shown,
    traced,
    seed,
    backend,
    numbers,
    values: [numbers?.input, ...picture.stages.map((_, index) => made[index])],
    isBackward,
    setBackward,
    backward,
    answers,
    address: writeState(convolution, { settings, cell: clampTo(chosen, output.size), channel, act, seed }),
    change,
    open: ({ set }) => {
      change(typeof set === 'function' ? set(valid) : { ...START, ...set });
      setWanted([]);
    },
    restore: (earlier) => {
      setField(undefined);
      setSettings(earlier);
    },
    choose: setChosen,
    hover: setHovered,
    setWeight: (stage, index, value) => {
      if (numbers) change({ weights: withWeight(numbers.weights, stage, index, value) });
    },
    paint,
    show: (map, at) => {
      if (map === target) setAsked(at);
      setWanted(map === target ? [] : shown.map((channelShown, index) => (index === map ? at : channelShown)));
    },
    run: setSeed,
    computeBy: setBackend,
  };
}
