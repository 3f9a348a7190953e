/** Camera: pressing takes a picture, holding takes several per second. The browser asks for permission when this opens. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { newId } from '../shared/new_id.js';
import { Notice } from '../shared/notice.js';
import { useCameraStream } from '../shared/use_camera_stream.js';
import { grabSquare } from './grab_square.js';
import type { OwnImage } from './protocol.js';

/** Milliseconds between two pictures while the button is held. */
const HOLD_EVERY = 200;

interface CameraProps {
  /** Name of the class that the pictures belong to. */
  readonly name: string;
  /** Number of pictures taken before, from which numbering continues. */
  readonly taken: number;
  readonly onImage: (image: OwnImage) => void;
}

export function Camera({ name, taken, onImage }: CameraProps): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  const [isReady, setReady] = useState(false);
  useCameraStream(video, setReady, setProblem);

  const number = useRef(taken);
  const holding = useRef<ReturnType<typeof setInterval> | undefined>(undefined);
  const shoot = async (): Promise<void> => {
    const picture = video.current && (await grabSquare(video.current));
    if (picture) {
      onImage({ id: newId(), name: `camera ${String(++number.current).padStart(4, '0')}.png`, picture });
    }
  };
  const release = (): void => {
    clearInterval(holding.current);
    holding.current = undefined;
  };
  const hold = (): void => {
    release();
    void shoot();
    holding.current = setInterval(() => void shoot(), HOLD_EVERY);
  };
  useEffect(() => release, []);

  if (problem !== undefined) return <Notice kind="error">{problem}</Notice>;
  return (
    <div class="camera">
      <video ref={video} autoPlay muted playsInline aria-label={`What the camera sees, for ${name}`} />
      <button
        type="button"
        class="primary"
        disabled={!isReady}
        aria-label={`Hold to take pictures: ${name}`}
        onPointerDown={hold}
        onPointerUp={release}
        onPointerLeave={release}
        onKeyDown={({ key, repeat }) => {
          if ((key === ' ' || key === 'Enter') && !repeat) hold();
        }}
        onKeyUp={release}
        onBlur={release}
      >
        Hold to take pictures
      </button>
    </div>
  );
}
