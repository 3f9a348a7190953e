/**
 * Connects the page to its worker: one worker at a time, with a backend and either the networks for scenes or one of the user
 * and a picture. A failed action leaves everything unchanged.
 */
import type { Dataset } from 'tfjs-convolutions/training';
import { openEngine, type OpenEngine } from '../engine/open_engine.js';
import type { BackendName, ProbedBackend } from '../engine/backends.js';
import { fetchChecked } from '../shared/fetch_checked.js';
import { latestOnly } from '../shared/latest_only.js';
import { messageOf } from '../shared/message_of.js';
import { within } from '../shared/within.js';
import { forgetHandedModel, handedModel } from './open_model.js';
import type { Inspection, NetworkDescription, OwnModel, Preparation, Question, Shown } from './messages.js';
import { loadDigits } from './scene/digits.js';
import type { Follower, SceneIndex, SceneMaps, SceneQuestion, SceneSamples } from './scene/scene_messages.js';

/** A picture and its name. */
export interface Picture {
  readonly source: Blob;
  readonly name: string;
}

/** State of the worker that the page shows. */
export interface SeeState {
  /** Action in progress. */
  readonly status?: string | undefined;
  readonly error?: string | undefined;
  readonly backends: readonly ProbedBackend[];
  readonly backend?: BackendName;
  /** Scenes, once their networks are loaded. */
  readonly scene?: { readonly index: SceneIndex; readonly digits: Dataset };
  readonly samples?: SceneSamples;
  readonly maps?: SceneMaps;
  /** The user's network, which is shown in place of scenes. */
  readonly network?: NetworkDescription | undefined;
  readonly picture?: Picture;
  readonly shown?: Shown | undefined;
  readonly inspection?: Inspection | undefined;
  readonly preparation: Preparation;
}

export const START: SeeState = {
  status: 'Starting …',
  backends: [],
  preparation: { crop: true, ink: 'auto' },
};

/** Longest wait for the file of a network in milliseconds, beside one for its size. */
const LEAST_WAIT = 20_000;
const BYTES_PER_MILLISECOND = 1000;

/** Folder of the bundled networks. */
const FOLDER = new URL('models/', document.baseURI).href;

export const digitUrl = (digit: string): string => `${FOLDER}digits/${digit}.png`;

export class Session {
  private state = START;
  private opened: OpenEngine<'see'> | undefined;
  private isClosed = false;
  /** True once a worker that ended has been replaced: a network too large for the memory would end each of them. */
  private hasRestarted = false;
  private own = handedModel();
  /** Reads the picture chosen last. */
  private wanted: (() => Promise<Picture>) | undefined;
  /** Changes of worker and network, one after the other, so that the last one asked for is what stays. */
  private changes: Promise<void> = Promise.resolve();
  private readonly notify: (state: SeeState) => void;

  /** Of pictures and preparations chosen meanwhile, only the newest is used. */
  private readonly show = latestOnly<undefined>(async () => {
    try {
      await this.showNow();
    } catch (error) {
      this.set({ error: messageOf(error) });
    }
  });

  readonly ask = latestOnly(async (question: Question) => {
    await this.answer(async (engine) => ({ inspection: await engine.inspect(question) }));
  });

  private readonly askSamples = latestOnly(async (question: SceneQuestion) => {
    await this.answer(async (engine) => ({ samples: await engine.findSceneSamples(question) }));
  });

  private readonly askMaps = latestOnly(async ({ values }: SceneQuestion) => {
    await this.answer(async (engine) => ({ maps: await engine.nameScene(values) }));
  });

  constructor(notify: (state: SeeState) => void) {
    this.notify = notify;
  }

  close(): void {
    this.isClosed = true;
    this.opened?.close();
  }

  /** Asks for the samples of a position of the scene and then, as they take longer, for the names of all. */
  askScene(question: SceneQuestion): void {
    this.askSamples(question);
    this.askMaps(question);
  }

  /** Opens a worker with this backend, or the best one; the old worker ends once the new one has the same state. */
  async open(wanted?: BackendName): Promise<void> {
    await this.inTurn(() => this.openNow(wanted));
  }

  private async openNow(wanted?: BackendName): Promise<void> {
    this.set({ status: 'Starting the worker …', error: undefined });
    let next: OpenEngine<'see'> | undefined;
    try {
      next = await openEngine('see');
      const backends = await next.engine.probe();
      const backend = wanted ?? backends.find(({ isPreferred }) => isPreferred)?.name ?? 'cpu';
      this.set({ backends, status: `Starting ${backend} …` });
      await next.engine.start(backend);
      this.set({ status: 'Loading the networks …' });
      const { network, error } = await this.loadOwn(next);
      const scene = network ? undefined : await loadScene(next);
      if (this.isClosed) {
        next.close();
        return;
      }
      this.opened?.close();
      this.opened = next;
      this.watch(next);
      this.set({ backend, network, ...(scene && { scene }), status: undefined, error });
      await this.showNow();
    } catch (error) {
      if (next !== this.opened) next?.close();
      const { backend } = this.state;
      const rest =
        this.opened && backend ? ` ${backend} is still in use.` : ' Choose another backend below, or reload the page.';
      this.set({ status: undefined, error: `${sentenceOf(error)}${rest}` });
    }
  }

  /** Loads a network of the user. */
  async useNetwork(own: Promise<OwnModel>): Promise<void> {
    // Reported when its turn comes.
    own.catch(() => undefined);
    await this.change('Loading the network …', 'The network from before stays.', async ({ engine }) => {
      const next = await own;
      const network = await this.loadInTime(engine.loadOwn(next), sizeOf(next));
      this.own = next;
      forgetHandedModel();
      this.set({ network, shown: undefined, inspection: undefined });
      await this.showNow();
    });
  }

  /** Shows one of the bundled networks like one of the user, with a picture. */
  async lookInto(name: Follower, picture: Picture | Promise<Picture>): Promise<void> {
    this.wanted = () => Promise.resolve(picture);
    const load = async (): Promise<OwnModel> => {
      const [topology, weights] = await Promise.all([
        fetchChecked(`${FOLDER}${name}/model.json`, 'The network'),
        fetchChecked(`${FOLDER}${name}/weights.bin`, 'The network'),
      ]);
      const files = { topology: await topology.text(), weights: new Uint8Array(await weights.arrayBuffer()) };
      return { contents: { format: 'layers', files }, name };
    };
    await this.useNetwork(load());
  }

  /** Shows scenes in place of the user's network. */
  async showScenes(): Promise<void> {
    await this.change('Loading the networks …', 'Your network stays.', async (opened) => {
      const scene = this.state.scene ?? (await loadScene(opened));
      this.own = undefined;
      forgetHandedModel();
      this.set({ scene, network: undefined, shown: undefined, inspection: undefined });
    });
  }

  usePicture(picture: Picture): void {
    this.wanted = () => Promise.resolve(picture);
    this.show(undefined);
  }

  /** A picture of the page. */
  useExample(address: string, name: string): void {
    this.wanted = async () => {
      const response = await fetchChecked(address, 'The picture');
      return { source: await response.blob(), name };
    };
    this.show(undefined);
  }

  prepareBy(preparation: Preparation): void {
    this.set({ preparation });
    this.show(undefined);
  }

  /** Shows a mistake of the user. */
  refuse(error: string): void {
    this.set({ error });
  }

  private async inTurn(work: () => Promise<void>): Promise<void> {
    this.changes = this.changes.then(work);
    await this.changes;
  }

  /** Asks the worker, and shows its answer unless another worker has taken its place. */
  private async answer(ask: (engine: OpenEngine<'see'>['engine']) => Promise<Partial<SeeState>>): Promise<void> {
    const { opened } = this;
    if (opened === undefined) return;
    try {
      const answer = await ask(opened.engine);
      if (opened === this.opened) this.set(answer);
    } catch (error) {
      if (opened === this.opened) this.set({ error: messageOf(error) });
    }
  }

  /** @param rest what holds after an error, in words */
  private async change(
    status: string,
    rest: string,
    work: (opened: OpenEngine<'see'>) => Promise<void>,
  ): Promise<void> {
    await this.inTurn(async () => {
      this.set({ status, error: undefined });
      try {
        if (this.opened === undefined) throw new Error('The worker has not started');
        await work(this.opened);
      } catch (error) {
        this.set({ error: `${sentenceOf(error)} ${rest}` });
      }
      this.set({ status: undefined });
    });
  }

  /** Ends the worker, and opens another one, if a file keeps it busy for too long: corrupt ones can, for ever. */
  private async loadInTime<T>(work: Promise<T>, bytes: number): Promise<T> {
    const limit = LEAST_WAIT + bytes / BYTES_PER_MILLISECOND;
    const wait = { isOver: false };
    const watched = work.finally(() => (wait.isOver = true));
    try {
      return await within(watched, limit, `The file was not read within ${Math.ceil(limit / 1000)} s`);
    } catch (error) {
      if (!wait.isOver) await this.openNow(this.state.backend);
      throw error;
    }
  }

  /** Loads the user's network, if there is one that can be loaded. */
  private async loadOwn({ engine }: OpenEngine<'see'>): Promise<Pick<SeeState, 'network' | 'error'>> {
    if (this.own === undefined) return {};
    try {
      return { network: await engine.loadOwn(this.own) };
    } catch (error) {
      this.own = undefined;
      forgetHandedModel();
      return { error: `${sentenceOf(error)} Scenes are shown instead.` };
    }
  }

  /** Shows the picture chosen last, as soon as there is a network for it; an invalid one leaves the picture before it. */
  private async showNow(): Promise<void> {
    const { wanted, opened } = this;
    if (wanted === undefined) return;
    try {
      const picture = await wanted();
      const input = this.state.network?.input;
      if (opened === undefined || input === undefined || typeof input === 'string') {
        this.set({ picture });
        return;
      }
      const shown = await opened.engine.show(picture.source, this.state.preparation);
      if (opened === this.opened) this.set({ picture, shown, error: undefined });
    } catch (error) {
      // The worker that has taken its place shows the picture too.
      if (opened !== this.opened) return;
      const { picture } = this.state;
      if (wanted === this.wanted) this.wanted = picture && (() => Promise.resolve(picture));
      throw error;
    }
  }

  /** Goes on in another worker if this one ends, or loses its graphics device. */
  private watch(opened: OpenEngine<'see'>): void {
    const goOn = async (what: string, backend: BackendName | undefined, rest: string): Promise<void> => {
      this.opened = undefined;
      // Ends its pending calls, which hold up those in turn.
      opened.close();
      await this.open(backend);
      if (this.isOpen) this.set({ error: `${what}. ${rest}` });
    };
    const isOver = (): boolean => opened !== this.opened || this.isClosed;
    opened.engine.lost().then(
      (reason) => {
        const what = `${this.state.backend ?? 'The backend'} stopped: ${reason}`;
        if (!isOver()) void goOn(what, 'wasm', 'Continuing on wasm.');
      },
      // Reported below.
      () => undefined,
    );
    void opened.ended.then(({ message }) => {
      if (isOver()) return;
      if (this.hasRestarted) {
        this.set({ error: `The worker stopped again: ${message}. Reload the page.` });
        return;
      }
      this.hasRestarted = true;
      void goOn(`The worker stopped: ${message}`, this.state.backend, 'Continuing in another one.');
    });
  }

  private get isOpen(): boolean {
    return this.opened !== undefined;
  }

  private set(change: Partial<SeeState>): void {
    if (this.isClosed) return;
    this.state = { ...this.state, ...change };
    this.notify(this.state);
  }
}

async function loadScene({ engine }: OpenEngine<'see'>): Promise<NonNullable<SeeState['scene']>> {
  const index = await engine.loadSceneNetworks(FOLDER);
  return { index, digits: await loadDigits(index.digits.map(digitUrl)) };
}

function sizeOf({ contents }: OwnModel): number {
  return contents.format === 'layers' ? contents.files.weights.length : contents.bytes.length;
}

/** Message of an error, which may end with a full stop or not. */
function sentenceOf(error: unknown): string {
  return messageOf(error).replace(/\.?$/, '.');
}
