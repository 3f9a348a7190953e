/** Panel to switch augmentation on, with what it does to a few of the chosen images. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { drawPixels } from '../shared/draw_pixels.js';
import { DIGIT_SAMPLES } from './digit_samples.js';
import type { Form } from './form.js';
import { AUGMENTED_SIDE, type ImageClass } from './protocol.js';
import type { Worker } from './use_training.js';

/** Number of images to show, and of copies of each. */
const SHOWN = 2;
const COPIES = 4;

interface AugmentPanelProps {
  readonly form: Form;
  readonly change: (part: Partial<Form>) => void;
  readonly worker: () => Promise<Worker>;
}

export function AugmentPanel({ form, change, worker }: AugmentPanelProps): JSX.Element {
  const fields = form.settings[form.data];
  const { augmentation } = fields;
  return (
    <section class="panel" aria-label="Augmentation">
      <label class="option">
        <input
          type="checkbox"
          checked={augmentation}
          onChange={({ currentTarget }) => {
            const changed = { ...fields, augmentation: currentTarget.checked };
            change({ settings: { ...form.settings, [form.data]: changed } });
          }}
        />
        <span>
          <strong>Augment the images</strong>
          <span class="quiet">
            Shift and zoom each image a little every time it is used, so that few images go further.
          </span>
        </span>
      </label>
      {augmentation && <Preview data={form.data} classes={form.classes} worker={worker} />}
    </section>
  );
}

interface PreviewProps extends Pick<Form, 'data' | 'classes'> {
  readonly worker: () => Promise<Worker>;
}

function Preview({ data, classes, worker }: PreviewProps): JSX.Element {
  const [seed, setSeed] = useState(1);
  const [found, setFound] = useState<{ readonly names: string; readonly addresses: readonly (readonly string[])[] }>();
  const samples = data === 'digits' ? DIGIT_SAMPLES.slice(2, 2 + SHOWN) : ownSamples(classes);
  const latest = useRef(samples);
  latest.current = samples;
  // Another identifier is another picture: a class that is renamed has the same ones.
  const names = samples.map((sample) => (typeof sample === 'string' ? sample : sample.id)).join();
  useEffect(() => {
    if (names === '') return;
    let open = true;
    const draw = async (): Promise<void> => {
      const pictures = await Promise.all(
        latest.current.map(async (sample) =>
          typeof sample === 'string' ? (await fetch(sample)).blob() : sample.picture,
        ),
      );
      const { engine } = await worker();
      const images = await engine.augmented(pictures, COPIES, seed);
      if (open) setFound({ names, addresses: images.map((copies) => copies.map(urlOf)) });
    };
    // The setting works without a preview; a worker that does not start is reported elsewhere.
    draw().catch(() => undefined);
    return () => {
      open = false;
    };
  }, [names, seed, worker]);
  // Copies of other images are not shown while those of the present ones are made.
  const shown = found?.names === names ? found.addresses : [];
  if (samples.length === 0) return <p class="quiet">With images, this shows a few of their copies.</p>;
  return (
    <>
      <ul class="augmented" aria-label="Images and their augmented copies">
        {shown.map((copies, index) => (
          <li key={index}>
            {copies.map((address, copy) => (
              <img key={copy} src={address} alt={copy === 0 ? 'original' : `copy ${copy}`} />
            ))}
          </li>
        ))}
      </ul>
      <button
        type="button"
        onClick={() => {
          setSeed(seed + 1);
        }}
      >
        Other copies
      </button>
    </>
  );
}

/** The first image of the first classes that have any. */
function ownSamples(classes: readonly ImageClass[]): readonly ImageClass['images'][number][] {
  return classes.flatMap(({ images }) => images.slice(0, 1)).slice(0, SHOWN);
}

function urlOf(pixels: Uint8Array): string {
  return drawPixels(AUGMENTED_SIDE, AUGMENTED_SIDE, (pixel) => [
    pixels[3 * pixel]!,
    pixels[3 * pixel + 1]!,
    pixels[3 * pixel + 2]!,
    255,
  ]);
}
