/** The convolution that the URL names: `#explore/dilated?stride=2`; the first one if it names none. */
import { useVisit, type Visit } from '../shared/use_route.js';
import { CONVOLUTIONS } from './convolutions/index.js';
import type { Convolution } from './model/convolution.js';

interface ChosenConvolution extends Pick<Visit, 'query' | 'count'> {
  readonly convolution: Convolution;
  /** Name in the URL, of a convolution or of anything else. */
  readonly name: string | undefined;
}

export function useChosenConvolution(): ChosenConvolution {
  const {
    path: [, name],
    query,
    count,
  } = useVisit();
  const convolution = CONVOLUTIONS.find((known) => known.name === name) ?? CONVOLUTIONS[0]!;
  return { convolution, name, query, count };
}
