/**
 * Connects the page to its worker: one worker at a time, with a backend, a network and a picture. A failed action leaves
 * everything unchanged.
 */
import { openEngine, type OpenEngine } from '../engine/open_engine.js';
import type { BackendName, ProbedBackend } from '../engine/backends.js';
import { latestOnly } from '../shared/latest_only.js';
import { messageOf } from '../shared/message_of.js';
import { readModelFiles } from '../shared/read_model_files.js';
import { forgetHandedModel, handedModel } from './open_model.js';
import type { Inspection, NetworkDescription, Preparation, Question, Shown } from './messages.js';

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
  readonly network?: NetworkDescription | undefined;
  /** True if the network is the user's own. */
  readonly isOwn: boolean;
  readonly picture?: Picture;
  readonly shown?: Shown | undefined;
  readonly inspection?: Inspection | undefined;
  readonly preparation: Preparation;
}

export const START: SeeState = {
  status: 'Starting …',
  backends: [],
  isOwn: false,
  preparation: { crop: true, ink: 'auto' },
};

/** Folder of the bundled networks. */
const FOLDER = new URL('models/', document.baseURI).href;

export const digitUrl = (digit: string): string => `${FOLDER}digits/${digit}.png`;

interface PictureRequest {
  readonly picture: Picture;
  readonly preparation: Preparation;
}

export class Session {
  private state = START;
  private opened: OpenEngine<'see'> | undefined;
  private isClosed = false;
  private files = handedModel()?.files;
  private readonly notify: (state: SeeState) => void;

  /** Of pictures chosen meanwhile, only the newest is used. */
  private readonly show = latestOnly(async (request: PictureRequest) => {
    try {
      await this.showNow(request);
    } catch (error) {
      this.set({ error: messageOf(error) });
    }
  });

  readonly ask = latestOnly(async (question: Question) => {
    const { opened } = this;
    try {
      const inspection = await opened?.engine.inspect(question);
      if (inspection && opened === this.opened) this.set({ inspection });
    } catch (error) {
      if (opened === this.opened) this.set({ error: messageOf(error) });
    }
  });

  constructor(notify: (state: SeeState) => void) {
    this.notify = notify;
  }

  close(): void {
    this.isClosed = true;
    this.opened?.close();
  }

  /** Opens a worker with this backend, or the best one; the old worker ends once the new one has the same state. */
  async open(wanted?: BackendName): Promise<void> {
    this.set({ status: 'Starting the worker …', error: undefined });
    let next: OpenEngine<'see'> | undefined;
    try {
      next = await openEngine('see');
      const backends = await next.engine.probe();
      const backend = wanted ?? backends.find(({ isPreferred }) => isPreferred)?.name ?? 'cpu';
      this.set({ backends, status: `Starting ${backend} …` });
      await next.engine.start(backend);
      this.set({ status: 'Loading the networks …' });
      const { files } = this;
      const network = files ? await next.engine.loadOwn(files) : await next.engine.loadShipped(FOLDER);
      if (this.isClosed) {
        next.close();
        return;
      }
      this.opened?.close();
      this.opened = next;
      this.watch(next);
      this.set({ backend, network, isOwn: files !== undefined, status: undefined });
      await this.showAgain();
    } catch (error) {
      if (next !== this.opened) next?.close();
      const { backend } = this.state;
      const rest = backend ? ` ${backend} is still in use.` : ' Choose another backend below, or reload the page.';
      this.set({ status: undefined, error: `${messageOf(error)}.${rest}` });
    }
  }

  /** Loads the user's own network, or the bundled ones. */
  async useNetwork(chosen: readonly File[] | undefined): Promise<void> {
    const engine = this.opened?.engine;
    if (engine === undefined) return;
    this.set({ status: 'Loading the network …', error: undefined });
    try {
      const files = chosen && (await readModelFiles(chosen));
      const network = files ? await engine.loadOwn(files) : await engine.loadShipped(FOLDER);
      this.files = files;
      forgetHandedModel();
      this.set({ network, isOwn: files !== undefined, shown: undefined, inspection: undefined });
      await this.showAgain();
    } catch (error) {
      this.set({ error: `${messageOf(error)}. The network from before stays.` });
    }
    this.set({ status: undefined });
  }

  usePicture(picture: Picture): void {
    this.show({ picture, preparation: this.state.preparation });
  }

  /** One of the test digits. */
  async useDigit(digit: string): Promise<void> {
    try {
      const response = await fetch(digitUrl(digit));
      if (!response.ok) throw new Error(`The digit did not load: the server answered ${response.status}.`);
      this.usePicture({ source: await response.blob(), name: `digit ${digit}` });
    } catch (error) {
      this.set({ error: messageOf(error) });
    }
  }

  prepareBy(preparation: Preparation): void {
    this.set({ preparation });
    const { picture } = this.state;
    if (picture) this.show({ picture, preparation });
  }

  private async showAgain(): Promise<void> {
    const { picture, preparation } = this.state;
    if (picture) await this.showNow({ picture, preparation });
  }

  private async showNow({ picture, preparation }: PictureRequest): Promise<void> {
    const { opened } = this;
    if (opened === undefined) {
      // Shown as soon as the worker is ready.
      this.set({ picture });
      return;
    }
    const shown = await opened.engine.show(picture.source, preparation);
    if (opened === this.opened) this.set({ picture, shown, error: undefined });
  }

  private watch(opened: OpenEngine<'see'>): void {
    void opened.engine.lost().then((reason) => {
      if (opened !== this.opened || this.isClosed) return;
      const { backend } = this.state;
      void this.open('wasm').then(() => {
        this.set({ error: `${backend ?? 'The backend'} stopped: ${reason}. Continuing on wasm.` });
      });
    });
  }

  private set(change: Partial<SeeState>): void {
    if (this.isClosed) return;
    this.state = { ...this.state, ...change };
    this.notify(this.state);
  }
}
