/** Camera: pressing takes a picture, holding takes several per second. The browser asks for permission when this opens. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { newId } from '../shared/new_id.js';
import { Notice } from '../shared/notice.js';
import { useCameraStream } from '../shared/use_camera_stream.js';
import type { OwnImage } from './protocol.js';

const SIDE = 192;
/** Milliseconds between two pictures while the button is held. */
const HOLD_EVERY = 200;

interface CameraProps {
  /** Name of the class that the pictures belong to. */
  readonly name: string;
  /** Number of pictures taken before, from which numbering continues. */
  readonly taken: number;
  readonly onImage: (image: OwnImage) => void;
  /** Label of the button. @default 'Hold to take pictures' */
  readonly label?: string;
}

export function Camera({ name, taken, onImage, label = 'Hold to take pictures' }: CameraProps): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  const [isReady, setReady] = useState(false);
  useCameraStream(video, setReady, setProblem);

  const number = useRef(taken);
  const holding = useRef<ReturnType<typeof setInterval> | undefined>(undefined);
  const shoot = async (): Promise<void> => {
    const picture = video.current && (await grab(video.current));
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
        aria-label={`${label}: ${name}`}
        onPointerDown={hold}
        onPointerUp={release}
        onPointerLeave={release}
        onKeyDown={({ key, repeat }) => {
          if ((key === ' ' || key === 'Enter') && !repeat) hold();
        }}
        onKeyUp={release}
        onBlur={release}
      >
        {label}
      </button>
    </div>
  );
}

/** Captures the middle square of the current camera frame. */
async function grab(video: HTMLVideoElement): Promise<Blob | null> {
  const side = Math.min(video.videoWidth, video.videoHeight);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  canvas.getContext('2d')!.drawImage(video, left, top, side, side, 0, 0, SIDE, SIDE);
  return new Promise((resolve) => {
    canvas.toBlob(resolve);
  });
}
