/** State of the view of one convolution: its settings, the diagram of the last valid ones, numbers and the worker's answers. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import type { BackendName } from '../../engine/backends.js';
import { messageOf } from '../../shared/message_of.js';
import { readState, startOf, writeState } from './address.js';
import type { Convolution, Example } from './convolution.js';
import { pictureOf, traceReads, type MapReads, type Picture } from './maps.js';
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
  readonly answers: Answers;
  readonly change: (part: Partial<Settings>, field?: FieldName) => void;
  readonly open: (example: Example) => void;
  readonly choose: (cell: Place) => void;
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

/** @param query query of the URL when the view opens */
export function useView(convolution: Convolution, query: string): View {
  const [start] = useState(() => readState(convolution, query));
  const [settings, setSettings] = useState(start.settings);
  const [field, setField] = useState<FieldName>();
  const [chosen, setChosen] = useState<Place>(start.cell);
  const [wanted, setWanted] = useState<readonly number[]>([]);
  const [asked, setAsked] = useState(start.channel);
  const [seed, setSeed] = useState(start.seed);
  const [backend, setBackend] = useState<BackendName>('wasm');

  const tried = useMemo(() => tryPicture(convolution, settings), [convolution, settings]);
  const fitting = useRef<Fitting>(undefined);
  if (typeof tried !== 'string') fitting.current = tried;
  fitting.current ??= tryPicture(convolution, startOf(convolution)) as Fitting;
  const { settings: valid, picture } = fitting.current;

  const last = picture.maps.length - 1;
  const output = picture.maps[last]!;
  const [row, column] = clampTo(chosen, output.size);
  const cell = useMemo((): Place => [row, column], [row, column]);
  const channel = Math.min(asked, output.channels - 1);
  const traced = useMemo(() => traceReads(picture, cell, channel), [picture, cell, channel]);
  // In every feature map, shows a channel that is involved, unless another was requested.
  const shown = picture.maps.map(({ channels }, index) => {
    if (index === last) return channel;
    const other = wanted[index];
    return other !== undefined && other < channels ? other : Math.min(...traced[index]!.channels);
  });

  const numbers = useMemo(() => (seed === null ? null : drawNumbers(valid, picture, seed)), [valid, picture, seed]);
  const question = useMemo(
    () => questionOf(convolution, valid, picture, numbers, backend),
    [convolution, valid, picture, numbers, backend],
  );
  const answers = useAnswers(question);
  const made = answers.isCurrent && numbers !== null ? answers.answer!.maps : [];

  useEffect(() => {
    // Unlike a link, this change fires no event: the view stays the same.
    history.replaceState(null, '', writeState(convolution, { settings, cell, channel, seed }));
  }, [convolution, settings, cell, channel, seed]);

  const change = (part: Partial<Settings>, changed?: FieldName): void => {
    setField(changed);
    const moved = changed !== undefined && COUNTING.includes(changed) ? { offsets: [], masks: [] } : {};
    setSettings((before) => ({ ...before, ...moved, ...part }));
  };
  return {
    settings,
    valid,
    picture,
    fault: typeof tried === 'string' ? { field, message: tried } : undefined,
    cell,
    channel,
    shown,
    traced,
    seed,
    backend,
    numbers,
    values: [numbers?.input, ...picture.stages.map((_, index) => made[index])],
    answers,
    change,
    open: ({ set }) => {
      change(typeof set === 'function' ? set(valid) : { ...START, ...set });
      setWanted([]);
    },
    choose: setChosen,
    show: (map, at) => {
      if (map === last) setAsked(at);
      setWanted(map === last ? [] : shown.map((channelShown, index) => (index === map ? at : channelShown)));
    },
    run: setSeed,
    computeBy: setBackend,
  };
}
