/** The part "Explore": each convolution as a diagram that follows its parameters. */
import './explore.css';
import type { JSX } from 'preact';
import { useVisit } from '../shared/use_route.js';
import { CONVOLUTIONS } from './convolutions/index.js';
import { Explorer } from './view/explorer.js';

export function ExplorePart(): JSX.Element {
  const {
    path: [, name],
    query,
    count,
  } = useVisit();
  const convolution = CONVOLUTIONS.find((known) => known.name === name) ?? CONVOLUTIONS[0]!;
  return (
    <div class="explore">
      <nav class="convolutions" aria-label="Convolutions">
        {CONVOLUTIONS.map(({ name: each, title }) => (
          <a key={each} href={`#explore/${each}`} aria-current={each === convolution.name ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <Explorer key={`${convolution.name} ${count}`} convolution={convolution} query={query} />
    </div>
  );
}
