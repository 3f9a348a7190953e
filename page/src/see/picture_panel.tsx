/** Panel to choose a picture, which also shows the input of the network. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { DrawingPad } from '../shared/drawing_pad.js';
import { FilePicker } from '../shared/file_picker.js';
import { Camera } from './camera.js';
import type { InputImage, Preparation } from './messages.js';
import { PixelImage } from './pixel_image.js';
import { digitUrl, type SeeState, type Session } from './session.js';
import { SourceImage } from './source_image.js';

interface Props {
  readonly input: InputImage;
  readonly state: SeeState;
  readonly session: Session;
}

interface Example {
  readonly url: string;
  readonly alt: string;
  /** Name of the picture. */
  readonly name: string;
}

const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit));

const PHOTOS: readonly Example[] = ['cat', 'coffee', 'astronaut', 'rocket'].map((name) => ({
  url: new URL(`photos/${name}.webp`, document.baseURI).href,
  alt: name,
  name,
}));

type Tool = 'board' | 'camera';

export function PicturePanel({ input, state, session }: Props): JSX.Element {
  const { picture, shown, preparation } = state;
  const [tool, setTool] = useState<Tool>();
  const toggle = (name: Tool): void => {
    setTool(tool === name ? undefined : name);
  };
  return (
    <section class="panel" aria-labelledby="see-picture">
      <h3 id="see-picture">The picture</h3>
      {input.channels === 1 && (
        <Examples
          legend="Test digits, not used for training"
          examples={DIGITS.map((digit) => ({ url: digitUrl(digit), alt: digit, name: `digit ${digit}` }))}
          {...{ picture, session }}
        />
      )}
      <Examples legend="Photographs" examples={PHOTOS} {...{ picture, session }} />
      <p class="see-quiet">
        <a href="./photos/LICENCE.md">Authors and licences of the photographs</a>
      </p>
      <div class="see-row">
        <FilePicker
          label="Open a file …"
          accept="image/*"
          onFiles={([file]) => file && session.usePicture({ source: file, name: file.name })}
        />
        <button aria-expanded={tool === 'board'} onClick={() => toggle('board')}>
          Draw
        </button>
        <button aria-expanded={tool === 'camera'} onClick={() => toggle('camera')}>
          Use the camera
        </button>
      </div>
      <p class="see-quiet">Or drop a picture anywhere on the page, or paste one. It stays on your device.</p>
      {tool === 'board' && <DrawingPad onDrawn={(source) => session.usePicture({ source, name: 'your drawing' })} />}
      {tool === 'camera' && <Camera onPicture={(source) => session.usePicture({ source, name: 'camera picture' })} />}
      {picture && shown && (
        <>
          <div class="see-steps">
            <figure>
              <SourceImage source={picture.source} />
              <figcaption>{picture.name}</figcaption>
            </figure>
            <span aria-hidden="true">→</span>
            <figure>
              <PixelImage pixels={shown.pixels} label="Network input" />
              <figcaption>network input</figcaption>
            </figure>
          </div>
          <p class="see-quiet">{sentence(shown.steps)}</p>
        </>
      )}
      {input.channels === 1 && (
        <PreparationChoice preparation={preparation} onChange={(next) => session.prepareBy(next)} />
      )}
    </section>
  );
}

interface ExamplesProps {
  readonly legend: string;
  readonly examples: readonly Example[];
  readonly picture: SeeState['picture'];
  readonly session: Session;
}

function Examples({ legend, examples, picture, session }: ExamplesProps): JSX.Element {
  return (
    <fieldset class="see-digits">
      <legend>{legend}</legend>
      {examples.map(({ url, alt, name }) => (
        <label key={name}>
          <input
            type="radio"
            name={legend}
            checked={picture?.name === name}
            onChange={() => session.useExample(url, name)}
          />
          <img src={url} alt={alt} width="28" height="28" />
        </label>
      ))}
    </fieldset>
  );
}

function sentence(steps: readonly string[]): string {
  const text = steps.join(', ');
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

const INKS = {
  auto: 'as its border suggests',
  bright: 'bright on dark',
  dark: 'dark on bright',
} as const satisfies Record<Preparation['ink'], string>;

interface ChoiceProps {
  readonly preparation: Preparation;
  readonly onChange: (next: Preparation) => void;
}

function PreparationChoice({ preparation, onChange }: ChoiceProps): JSX.Element {
  return (
    <div class="see-row">
      <label>
        <input
          type="checkbox"
          checked={preparation.crop}
          onChange={({ currentTarget }) => onChange({ ...preparation, crop: currentTarget.checked })}
        />{' '}
        Crop to the drawing
      </label>
      <label>
        The drawing is{' '}
        <select
          value={preparation.ink}
          onChange={({ currentTarget }) => onChange({ ...preparation, ink: currentTarget.value as Preparation['ink'] })}
        >
          {Object.entries(INKS).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
