/** Text for screen readers, announced once it has stopped changing. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Milliseconds without a change before the text is announced. */
const REST = 800;

export function Announcement({ text }: { readonly text: string }): JSX.Element {
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), REST);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return (
    <p class="visually-hidden" aria-live="polite">
      {said}
    </p>
  );
}
