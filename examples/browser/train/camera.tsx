/** The camera: a press takes a shot, holding takes several a second. The browser asks for permission when this opens. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Notice } from '../shared/notice.js';
import { messageOf } from '../shared/message_of.js';
import type { Shot } from './protocol.js';

const SIDE = 192;
/** Milliseconds between two shots while the button is held. */
const HOLD_EVERY = 200;

interface CameraProps {
  /** Whose shots they are. */
  readonly name: string;
  /** How many there are already; numbers go on from there. */
  readonly taken: number;
  readonly onShot: (shot: Shot) => void;
  /** What the button says. @default 'Hold to take shots' */
  readonly label?: string;
}

const REFUSALS: Readonly<Record<string, string>> = {
  NotAllowedError:
    'The camera may not be used: permission was refused. Allow it in the browser’s address bar, or add files.',
  NotFoundError: 'No camera was found. Plug one in, or add files.',
  NotReadableError: 'The camera is in use by another program. Close that, or add files.',
};

export function Camera({ name, taken, onShot, label = 'Hold to take shots' }: CameraProps): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  const [isReady, setReady] = useState(false);
  useCameraStream(video, setReady, setProblem);

  const number = useRef(taken);
  const holding = useRef<ReturnType<typeof setInterval> | undefined>(undefined);
  const shoot = async (): Promise<void> => {
    const picture = video.current && (await grab(video.current));
    if (picture)
      onShot({ id: crypto.randomUUID(), name: `camera ${String(++number.current).padStart(4, '0')}.png`, picture });
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

/** Shows the camera in the video while it is on the page. */
function useCameraStream(
  video: { readonly current: HTMLVideoElement | null },
  setReady: (ready: boolean) => void,
  setProblem: (problem: string) => void,
): void {
  useEffect(() => {
    let stream: MediaStream | undefined;
    let closed = false;
    const open = async (): Promise<void> => {
      if (!('mediaDevices' in navigator)) {
        throw new Error('This browser gives no camera to this page; that takes an address with https.');
      }
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      if (closed) {
        stop(stream);
        return;
      }
      if (video.current) {
        video.current.srcObject = stream;
        await video.current.play();
        setReady(true);
      }
    };
    open().catch((error: unknown) => {
      if (closed) return;
      const reason = error instanceof Error ? REFUSALS[error.name] : undefined;
      setProblem(reason ?? messageOf(error));
    });
    return () => {
      closed = true;
      if (stream) stop(stream);
    };
  }, [video, setReady, setProblem]);
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The middle square of what the camera shows now. */
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
