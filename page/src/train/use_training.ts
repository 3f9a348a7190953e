/** State of a run for the page: its phase, its latest messages, and the available actions. */
import { proxy } from 'comlink';
import { useCallback, useEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import type { BackendName } from '../engine/backends.js';
import { openEngine, type OpenEngine } from '../engine/open_engine.js';
import { messageOf } from '../shared/message_of.js';
import {
  epochsBefore,
  type CurveStyle,
  type EpochRow,
  type ImageCounts,
  type NetworkFacts,
  type Plan,
  type Progress,
  type RunEnd,
  type RunEvent,
} from './protocol.js';

export type Phase = 'idle' | 'starting' | 'training' | 'pausing' | 'paused' | 'finished' | 'failed';

export interface TrainingView {
  readonly phase: Phase;
  /** Identifier of the run, once it is open. */
  readonly id?: string;
  readonly title?: string;
  readonly facts?: NetworkFacts;
  readonly images?: ImageCounts;
  readonly rows: readonly EpochRow[];
  readonly progress?: Progress;
  /** Curves as SVG text. */
  readonly curves?: string;
  /** Reason for a failure. */
  readonly failure?: string;
  /** Reason why the run cannot be stored. */
  readonly unsaved?: string;
  readonly backend?: BackendName;
  /** Backend whose graphics device was lost. */
  readonly lost?: BackendName;
}

type Action =
  | { readonly kind: 'starting'; readonly backend?: BackendName }
  | { readonly kind: 'going on' }
  | { readonly kind: 'pausing' }
  | { readonly kind: 'ended'; readonly end: RunEnd }
  | { readonly kind: 'failed'; readonly failure: string }
  | { readonly kind: 'given up' }
  | RunEvent;

const IDLE: TrainingView = { phase: 'idle', rows: [] };

function reduce(view: TrainingView, action: Action): TrainingView {
  switch (action.kind) {
    case 'starting': {
      const backend = action.backend ?? view.backend;
      return { ...IDLE, phase: 'starting', ...(backend && { backend }) };
    }
    case 'opened':
      return { ...view, ...action, phase: 'training' };
    case 'going on':
      return { ...view, phase: 'training' };
    case 'pausing':
      return { ...view, phase: 'pausing' };
    case 'progress':
      return { ...view, progress: action.progress };
    case 'epoch':
      return { ...view, rows: [...epochsBefore(view.rows, action.row), action.row] };
    case 'curves':
      return { ...view, curves: action.svg };
    case 'unsaved':
      return { ...view, unsaved: action.reason };
    case 'moved':
      return { ...view, backend: action.to, lost: action.from };
    case 'ended':
      return { ...view, phase: action.end };
    case 'failed':
      return { ...view, phase: 'failed', failure: action.failure };
    case 'given up':
      return view.facts
        ? { ...view, phase: 'failed', failure: 'The run was ended in the middle of a step.' }
        : { ...IDLE };
  }
}

/** The run, or whoever else waits for the worker, reports why it did not open or has ended. */
const ignored = (): void => undefined;

export type Worker = OpenEngine<'train'>;

export interface Training {
  readonly view: TrainingView;
  /** Returns the worker, or a new one if the last one failed. */
  readonly worker: () => Promise<Worker>;
  readonly begin: (plan: Plan) => void;
  /** Resumes a run that the browser has stored. */
  readonly resume: (id: string, backend: BackendName) => void;
  readonly pause: () => void;
  /** Ends whatever the worker is doing, at once. */
  readonly giveUp: () => void;
  readonly continueRun: () => void;
  /** Starts a run that trains all layers of the current network. */
  readonly fineTune: () => void;
}

export function useTraining(style: CurveStyle): Training {
  const [view, dispatch] = useReducer(reduce, IDLE);
  const opened = useRef<Promise<Worker> | undefined>(undefined);
  const latestStyle = useRef(style);
  latestStyle.current = style;

  const worker = useCallback((): Promise<Worker> => (opened.current ??= openEngine('train')), []);

  /** Terminates the worker, so that the next one starts from a clean state. */
  const close = useCallback((): void => {
    opened.current
      ?.then((open) => {
        open.close();
      })
      .catch(ignored);
    opened.current = undefined;
  }, []);

  useEffect(() => close, [close]);

  const actions = useMemo(() => {
    const follow = async (run: (worker: Worker) => Promise<RunEnd>): Promise<void> => {
      const opening = worker();
      try {
        const end = await run(await opening);
        if (opened.current === opening) dispatch({ kind: 'ended', end });
      } catch (error) {
        if (opened.current !== opening) return;
        close();
        dispatch({ kind: 'failed', failure: messageOf(error) });
      }
    };
    return {
      begin: (plan: Plan) => {
        dispatch({ kind: 'starting', backend: plan.backend });
        void follow(({ engine }) => engine.begin(plan, proxy(dispatch), latestStyle.current));
      },
      resume: (id: string, backend: BackendName) => {
        dispatch({ kind: 'starting', backend });
        void follow(({ engine }) => engine.resume(id, backend, proxy(dispatch), latestStyle.current));
      },
      continueRun: () => {
        dispatch({ kind: 'going on' });
        void follow(({ engine }) => engine.continueRun());
      },
      fineTune: () => {
        dispatch({ kind: 'starting' });
        void follow(({ engine }) => engine.fineTune(proxy(dispatch), latestStyle.current));
      },
      pause: () => {
        dispatch({ kind: 'pausing' });
        worker()
          .then(({ engine }) => engine.pause())
          .catch(ignored);
      },
      giveUp: () => {
        close();
        dispatch({ kind: 'given up' });
      },
    };
  }, [worker, close]);

  const { theme, stacked } = style;
  useEffect(() => {
    opened.current?.then(({ engine }) => engine.restyle({ theme, stacked })).catch(ignored);
  }, [theme, stacked]);

  return { view, worker, ...actions };
}
