/** The code that makes the layers of the picture, in tabs for each library, with a button that copies it. */
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { Code } from '../model/code.js';
import { CopyButton } from './copy_button.js';

const TABS = { package: 'tfjs-convolutions', Keras: 'Keras', PyTorch: 'PyTorch' } as const satisfies Record<
  keyof Code,
  string
>;

const NAMES = Object.keys(TABS) as (keyof Code)[];

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

export function CodePanel({ code }: { readonly code: Code }): JSX.Element {
  const [shown, setShown] = useState<keyof Code>('package');
  const id = useId();
  const tabs = useRef<HTMLDivElement>(null);
  return (
    <section class="code" aria-label="Code">
      <div
        class="tabs"
        role="tablist"
        aria-label="Library"
        ref={tabs}
        onKeyDown={(event) => {
          const by = STEPS[event.key];
          if (by === undefined) return;
          event.preventDefault();
          const next = (NAMES.indexOf(shown) + by + NAMES.length) % NAMES.length;
          setShown(NAMES[next]!);
          tabs.current!.querySelectorAll('button')[next]!.focus();
        }}
      >
        {NAMES.map((name) => (
          <button
            type="button"
            role="tab"
            key={name}
            id={`${id}-${name}`}
            aria-selected={name === shown}
            aria-controls={id}
            tabIndex={name === shown ? 0 : -1}
            onClick={() => setShown(name)}
          >
            {TABS[name]}
          </button>
        ))}
      </div>
      <div class="code-line" role="tabpanel" id={id} aria-labelledby={`${id}-${shown}`}>
        <pre tabIndex={0}>
          <code>{code[shown]}</code>
        </pre>
        <CopyButton label="Copy" name="Copy the code" text={() => code[shown]} />
      </div>
    </section>
  );
}
