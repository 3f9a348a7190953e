/** The part "Explore": each convolution as a picture that follows its parameters, and all of them in a table. */
import './explore.css';
import type { FunctionComponent, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import { useVisit } from '../shared/use_route.js';
import { CONVOLUTIONS } from './convolutions/index.js';
import { Explorer } from './view/explorer.js';

/** Name of the table in the URL. */
const ALL = 'all';

export function ExplorePart(): JSX.Element {
  const {
    path: [, name],
    query,
    count,
  } = useVisit();
  const convolution = CONVOLUTIONS.find((known) => known.name === name) ?? CONVOLUTIONS[0]!;
  const open = name === ALL ? ALL : convolution.name;
  const links = [...CONVOLUTIONS, { name: ALL, title: 'All at a glance' }];
  return (
    <div class="explore">
      <nav class="convolutions" aria-label="Convolutions">
        {links.map(({ name: each, title }) => (
          <a key={each} href={`#explore/${each}`} aria-current={each === open ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {open === ALL ? (
        <Glance />
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

/** The table, whose script loads when it is opened. */
function Glance(): JSX.Element {
  const [Content, setContent] = useState<FunctionComponent>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    let isOpen = true;
    import('./view/at_a_glance.js').then(
      ({ AtAGlance }) => isOpen && setContent(() => AtAGlance),
      (error: unknown) => isOpen && setFailure(messageOf(error)),
    );
    return () => {
      isOpen = false;
    };
  }, []);
  if (failure !== undefined) {
    return <Notice kind="error">The table did not load ({failure}). Check the connection and reload the page.</Notice>;
  }
  return Content ? <Content /> : <p role="status">Loading …</p>;
}
