/** Explore: each convolution as a picture that moves with its parameters. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { openEngine } from '../engine/open_engine.js';

export function ExplorePart(): JSX.Element {
  const [backend, setBackend] = useState('…');
  useEffect(() => {
    void openEngine('explore').then(async ({ engine }) => {
      setBackend(await engine.backend());
    });
  }, []);
  return <h2>Explore, on {backend}</h2>;
}
