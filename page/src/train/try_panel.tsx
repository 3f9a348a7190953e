/** Panel to classify a drawing, a file or a picture from the camera. */
import type { JSX } from 'preact';
import { useCallback, useContext, useState } from 'preact/hooks';
import type { EncodedModel } from 'tfjs-convolutions/training';
import type { BackendName } from '../engine/backends.js';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import { Camera } from './camera.js';
import type { Guess } from './classify.js';
import { DrawingPad } from '../shared/drawing_pad.js';
import { FilePicker } from '../shared/file_picker.js';
import { PartShown } from '../shared/part_shown.js';
import { percent } from './format.js';
import type { NetworkFacts } from './protocol.js';
import { useObjectUrl } from '../shared/use_object_url.js';
import type { Worker } from './use_training.js';

/** Number of classes to show, few enough to take in at a glance. */
const SHOWN = 5;

interface TryPanelProps {
  readonly facts: NetworkFacts;
  /** Imported network to use and its backend; without it, the network of the run is used. */
  readonly imported?: { readonly files: EncodedModel; readonly backend: BackendName } | undefined;
  readonly worker: () => Promise<Worker>;
}

export function TryPanel({ facts, imported, worker }: TryPanelProps): JSX.Element {
  const [guesses, setGuesses] = useState<readonly Guess[]>();
  const [picture, setPicture] = useState<Blob>();
  const [problem, setProblem] = useState<string>();
  const [hasCamera, setCamera] = useState(false);
  const isShown = useContext(PartShown);
  const address = useObjectUrl(picture);
  const isDigits = facts.classNames.length === 10 && facts.classNames.every((name, index) => name === String(index));

  const ask = useCallback(
    async (asked: Blob, name: string, isDrawing: boolean) => {
      setProblem(undefined);
      setPicture(isDrawing ? undefined : asked);
      try {
        const { engine } = await worker();
        const question = { picture: asked, isDrawing: isDrawing && isDigits };
        setGuesses(
          await (imported ? engine.classifyBy(imported.files, imported.backend, question) : engine.classify(question)),
        );
      } catch (error) {
        setGuesses(undefined);
        setProblem(`${name} could not be tried: ${messageOf(error)}`);
      }
    },
    [worker, isDigits, imported],
  );
  const askDrawing = useCallback((drawn: Blob) => void ask(drawn, 'The drawing', true), [ask]);
  return (
    <section class="panel" aria-labelledby="try-title">
      <h3 id="try-title">Try it</h3>
      <p class="quiet">
        Draw {isDigits ? 'a digit' : 'something'}, open an image or use the camera; the bars say how sure the{' '}
        {imported ? 'imported' : 'trained'} network is of each class.
      </p>
      <div class="try">
        <DrawingPad onDrawn={askDrawing} />
        <div class="row">
          <FilePicker
            label="Image …"
            description="Try an image of a file"
            accept="image/*"
            onFiles={([file]) => file && void ask(file, `“${file.name}”`, false)}
          />
          <button
            type="button"
            aria-expanded={hasCamera}
            aria-label="Try with the camera"
            onClick={() => {
              setCamera(!hasCamera);
            }}
          >
            Camera
          </button>
        </div>
        {hasCamera && isShown && (
          <Camera
            name="to try"
            label="Take a picture"
            taken={0}
            onImage={(image) => void ask(image.picture, 'The shot', false)}
          />
        )}
        {address !== undefined && <img class="tried" src={address} alt="The image that was tried" />}
      </div>
      {problem !== undefined && <Notice kind="error">{problem}</Notice>}
      {guesses && (
        <div aria-live="polite">
          <p>
            It says <strong>{guesses[0]!.name}</strong>.
          </p>
          <ul class="guesses">
            {guesses.slice(0, SHOWN).map(({ name, probability }) => (
              <li key={name}>
                <span>{name}</span>
                <meter min={0} max={1} value={probability} aria-label={`How sure it is of ${name}`} />
                <span>{percent(probability)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
