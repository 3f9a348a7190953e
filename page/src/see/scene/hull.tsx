/** Samples of one position, in their convex hull. */
import type { JSX } from 'preact';
import { convexHull } from 'tfjs-convolutions/cli/scenes';
import type { Location } from '../messages.js';

interface Props {
  readonly taps: readonly Location[];
  readonly kind: 'deformable' | 'plain';
}

export function Hull({ taps, kind }: Props): JSX.Element {
  const corners = convexHull(taps).map(({ y, x }) => `${x},${y}`);
  return (
    <g class={`see-hull ${kind}`}>
      <polygon points={corners.join(' ')} />
      {taps.map(({ y, x }, tap) => (
        <circle key={tap} cx={x} cy={y} r={1} />
      ))}
    </g>
  );
}
