/** The part "Explore": each convolution as a picture that follows its parameters, and all of them in a table. */
import './explore.css';
import type { FunctionComponent, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import { CONVOLUTIONS } from './convolutions/index.js';
import { useChosenConvolution } from './use_chosen_convolution.js';
import { useLinkInSight } from './use_link_in_sight.js';
import { Explorer } from './view/explorer.js';

/** Pages with several convolutions, whose scripts load when they are opened, by their names in the URL. */
const OVERVIEWS: Readonly<Record<string, { readonly title: string; readonly load: () => Promise<FunctionComponent> }>> =
  {
    two: {
      title: 'Two side by side',
      load: async () => (await import('./view/two_side_by_side.js')).TwoSideBySide,
    },
    all: {
      title: 'All at a glance',
      load: async () => (await import('./view/at_a_glance.js')).AtAGlance,
    },
  };

export function ExplorePart(): JSX.Element {
  const { convolution, name, query, count } = useChosenConvolution();
  const overview = name === undefined || !Object.hasOwn(OVERVIEWS, name) ? undefined : OVERVIEWS[name];
  const open = overview === undefined ? convolution.name : name;
  const links = [...CONVOLUTIONS, ...Object.entries(OVERVIEWS).map(([key, { title }]) => ({ name: key, title }))];
  const list = useLinkInSight(open);
  return (
    <div class="explore">
      <nav ref={list} class="convolutions" aria-label="Convolutions">
        {links.map(({ name: each, title }) => (
          <a key={each} href={`#explore/${each}`} aria-current={each === open ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {overview ? (
        <Overview key={`${open} ${count}`} load={overview.load} />
      ) : (
        <Explorer
          key={`${convolution.name} ${count}`}
          {...{ convolution, query }}
          isOpening={count === 0 && convolution === CONVOLUTIONS[0] && query === ''}
        />
      )}
    </div>
  );
}

function Overview({ load }: { readonly load: () => Promise<FunctionComponent> }): JSX.Element {
  const [Content, setContent] = useState<FunctionComponent>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    let isOpen = true;
    load().then(
      (component) => isOpen && setContent(() => component),
      (error: unknown) => isOpen && setFailure(messageOf(error)),
    );
    return () => {
      isOpen = false;
    };
  }, [load]);
  if (failure !== undefined) {
    return <Notice kind="error">This page did not load ({failure}). Check the connection and reload the page.</Notice>;
  }
  return Content ? <Content /> : <p role="status">Loading …</p>;
}
