/** Panel to classify a drawing, a file, or what the camera sees. */
import type { ComponentChildren, JSX } from 'preact';
import { useCallback, useContext, useRef, useState } from 'preact/hooks';
import type { EncodedModel } from 'tfjs-convolutions/training';
import type { BackendName } from '../engine/backends.js';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import { Bars } from './bars.js';
import type { Guess } from './classify.js';
import { DrawingPad } from '../shared/drawing_pad.js';
import { FilePicker } from '../shared/file_picker.js';
import { PartShown } from '../shared/part_shown.js';
import { LiveCamera } from './live_camera.js';
import type { NetworkFacts } from './protocol.js';
import { useObjectUrl } from '../shared/use_object_url.js';
import type { Worker } from './use_training.js';

/** Number of classes up to which the bars of the camera keep their order. */
const STEADY = 5;

interface TryPanelProps {
  readonly facts: NetworkFacts;
  /** Imported network to use and its backend; without it, the network of the run is used. */
  readonly imported?: { readonly files: EncodedModel; readonly backend: BackendName } | undefined;
  readonly worker: () => Promise<Worker>;
  /** Shown above the ways to choose an image. */
  readonly children?: ComponentChildren;
}

export function TryPanel({ facts, imported, worker, children }: TryPanelProps): JSX.Element {
  const [guesses, setGuesses] = useState<readonly Guess[]>();
  const [picture, setPicture] = useState<Blob>();
  const [problem, setProblem] = useState<string>();
  const [hasCamera, setCamera] = useState(false);
  const latest = useRef(0);
  const isShown = useContext(PartShown);
  const isLive = hasCamera && isShown;
  const address = useObjectUrl(picture);
  const isDigits = facts.classNames.length === 10 && facts.classNames.every((name, index) => name === String(index));

  const ask = useCallback(
    async (asked: Blob, name: string, kind: 'drawing' | 'file' | 'frame'): Promise<boolean> => {
      const number = ++latest.current;
      setProblem(undefined);
      setPicture(kind === 'file' ? asked : undefined);
      try {
        const { engine } = await worker();
        const question = { picture: asked, isDrawing: kind === 'drawing' && isDigits };
        const answer = imported
          ? engine.classifyBy(imported.files, imported.backend, question)
          : engine.classify(question);
        const found = await answer;
        // A large file may take longer than what was tried after it.
        if (number === latest.current) setGuesses(found);
        return true;
      } catch (error) {
        if (number !== latest.current) return true;
        setGuesses(undefined);
        setProblem(`${name} could not be tried: ${messageOf(error)}`);
        return false;
      }
    },
    [worker, isDigits, imported],
  );
  const askDrawing = useCallback((drawn: Blob) => void ask(drawn, 'The drawing', 'drawing'), [ask]);
  const askFrame = useCallback((frame: Blob) => ask(frame, 'The picture of the camera', 'frame'), [ask]);
  return (
    <section class="panel" aria-labelledby="try-title">
      <h3 id="try-title">3. Try it</h3>
      <p class="quiet">
        Draw {isDigits ? 'a digit' : 'something'}, open an image or use the camera; the bars say how sure the{' '}
        {imported ? 'imported' : 'trained'} network is of each class.
      </p>
      {children}
      <div class="try">
        <DrawingPad onDrawn={askDrawing} />
        <div class="row">
          <FilePicker
            label="Image …"
            description="Try an image of a file"
            accept="image/*"
            onFiles={([file]) => file && void ask(file, `“${file.name}”`, 'file')}
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
        {isLive && <LiveCamera onFrame={askFrame} />}
        {address !== undefined && <img class="tried" src={address} alt="The image that was tried" />}
      </div>
      {problem !== undefined && <Notice kind="error">{problem}</Notice>}
      {guesses && (
        // Frames follow each other too fast to be read out.
        <div aria-live={isLive ? 'off' : 'polite'}>
          <p>
            It says <strong>{guesses[0]!.name}</strong>.
          </p>
          <Bars guesses={isLive && guesses.length <= STEADY ? inOrder(guesses, facts.classNames) : guesses} />
        </div>
      )}
    </section>
  );
}

function inOrder(guesses: readonly Guess[], names: readonly string[]): readonly Guess[] {
  return [...guesses].sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
}
