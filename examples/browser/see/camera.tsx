/** The camera: asked for when this opens, which only a button does, and given back when it closes. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../shared/message_of.js';

interface Props {
  readonly onPicture: (picture: Blob) => void;
  readonly onProblem: (message: string | undefined) => void;
  readonly onClose: () => void;
}

export function Camera({ onPicture, onProblem, onClose }: Props): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const [isRunning, setIsRunning] = useState(false);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let isOpen = true;
    const stop = (): void => {
      stream?.getTracks().forEach((track) => {
        track.stop();
      });
    };
    openCamera().then(
      (opened) => {
        stream = opened;
        if (!isOpen) {
          stop();
          return;
        }
        video.current!.srcObject = opened;
        onProblem(undefined);
      },
      (error: unknown) => {
        if (!isOpen) return;
        onProblem(problemOf(error));
        onClose();
      },
    );
    return () => {
      isOpen = false;
      stop();
    };
    // The camera stays the same for as long as this is open.
  }, []);

  const take = (): void => {
    const { videoWidth: width, videoHeight: height } = video.current!;
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    canvas.getContext('2d')!.drawImage(video.current!, 0, 0);
    canvas.toBlob((blob) => {
      if (blob) onPicture(blob);
    });
  };
  return (
    <div class="see-tool">
      <video
        ref={video}
        class="see-video"
        aria-label="What the camera sees"
        autoplay
        muted
        playsInline
        onPlaying={() => setIsRunning(true)}
      />
      <div class="see-row">
        <button class="primary" disabled={!isRunning} onClick={take}>
          Take the picture
        </button>
        <button onClick={onClose}>Close the camera</button>
      </div>
    </div>
  );
}

async function openCamera(): Promise<MediaStream> {
  // Browsers hide cameras from pages that did not come over https.
  if (!('mediaDevices' in navigator)) throw new Error('this page must come over https for that');
  return navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } } });
}

const PROBLEMS: Readonly<Record<string, string>> = {
  NotAllowedError:
    'The camera was refused. To use it, allow it for this page in the browser’s settings; a file or a drawing does as well.',
  NotFoundError: 'There is no camera on this device; a file or a drawing does as well.',
  NotReadableError: 'The camera is in use by another program. Close that one and try again.',
};

function problemOf(error: unknown): string {
  const known = error instanceof DOMException ? PROBLEMS[error.name] : undefined;
  return known ?? `The camera did not start: ${messageOf(error)}.`;
}
