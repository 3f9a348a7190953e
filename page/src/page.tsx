/** Header with navigation and colour scheme, and the open part, which the URL fragment names. */
import type { FunctionComponent, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ExplorePart } from './explore/explore_part.js';
import { Notice } from './shared/notice.js';
import { messageOf } from './shared/message_of.js';
import { PartShown } from './shared/part_shown.js';
import { useActivity } from './shared/activity.js';
import { ThemeSwitch } from './shared/theme_switch.js';
import { useRoute } from './shared/use_route.js';

interface Part {
  readonly title: string;
  /** Short description of the part. */
  readonly summary: string;
  readonly load: () => Promise<FunctionComponent>;
}

const PARTS = {
  explore: {
    title: 'Explore',
    summary: 'Play with every convolution',
    load: () => Promise.resolve(ExplorePart),
  },
  see: {
    title: 'See',
    summary: 'Where a trained kernel looks',
    load: async () => (await import('./see/see_part.js')).SeePart,
  },
  train: {
    title: 'Train',
    summary: 'A network, in this page',
    load: async () => (await import('./train/train_part.js')).TrainPart,
  },
} as const satisfies Record<string, Part>;

type PartName = keyof typeof PARTS;

const isPart = (name: string | undefined): name is PartName => name !== undefined && name in PARTS;

export function Page(): JSX.Element {
  const [first] = useRoute();
  const name = isPart(first) ? first : 'explore';
  const main = useRef<HTMLElement>(null);
  const before = useRef(name);
  // A training goes on, and keeps its images, while another part is open.
  const hasTrained = useRef(false);
  hasTrained.current ||= name === 'train';
  const activity = useActivity();
  useEffect(() => {
    document.title = `${PARTS[name].title} · tfjs-convolutions`;
    // Opening another part scrolls to the top and moves the focus there; the first view keeps the browser's focus.
    if (before.current !== name) main.current?.focus();
    before.current = name;
  }, [name]);
  return (
    <>
      <a class="skip-link" href="#main" onClick={(event) => focusOn(event, main.current)}>
        Skip to content
      </a>
      <header class="page-header">
        <h1>tfjs-convolutions</h1>
        <nav aria-label="Parts of this page">
          {Object.entries(PARTS).map(([key, { title, summary }]) => (
            <a href={`#${key}`} key={key} aria-current={key === name ? 'page' : undefined}>
              <strong>{title}</strong>
              <span>{(key === 'train' ? activity : undefined) ?? summary}</span>
            </a>
          ))}
        </nav>
        <ThemeSwitch />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {name !== 'train' && <OpenPart key={name} name={name} />}
        {hasTrained.current && (
          <div hidden={name !== 'train'}>
            <PartShown.Provider value={name === 'train'}>
              <OpenPart name="train" />
            </PartShown.Provider>
          </div>
        )}
      </main>
      <footer class="page-footer">
        <p>
          Images, weights and training stay on this machine: the page asks no server for anything but its own files.{' '}
          <a href="./licenses.md">Licences of the software it uses</a>
        </p>
      </footer>
    </>
  );
}

/** Shows a part once its script has loaded, or the reason if it fails. */
function OpenPart({ name }: { readonly name: PartName }): JSX.Element {
  const [Content, setContent] = useState<FunctionComponent | undefined>(() =>
    name === 'explore' ? ExplorePart : undefined,
  );
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    let open = true;
    PARTS[name].load().then(
      (component) => open && setContent(() => component),
      (error: unknown) => open && setFailure(messageOf(error)),
    );
    return () => {
      open = false;
    };
  }, [name]);
  if (failure !== undefined) {
    return <Notice kind="error">This part did not load ({failure}). Check the connection and reload the page.</Notice>;
  }
  return Content ? <Content /> : <p role="status">Loading …</p>;
}

/** Following the link would change the URL fragment, which names the part. */
function focusOn(event: Event, element: HTMLElement | null): void {
  event.preventDefault();
  element?.focus();
}
