/** Camera whose frames are classified one after the other while it is shown. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Notice } from '../shared/notice.js';
import { useCameraStream } from '../shared/use_camera_stream.js';
import { grabSquare } from './grab_square.js';

/** Least milliseconds between two frames: bars that change faster cannot be read. */
const FRAME_INTERVAL = 150;

interface LiveCameraProps {
  /** Classifies a frame; returns false if no other frame should follow. */
  readonly onFrame: (picture: Blob) => Promise<boolean>;
}

export function LiveCamera({ onFrame }: LiveCameraProps): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  const [isReady, setReady] = useState(false);
  useCameraStream(video, setReady, setProblem);
  useEffect(() => {
    if (!isReady) return;
    let open = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = async (): Promise<void> => {
      const picture = document.hidden || !video.current ? null : await grabSquare(video.current);
      if (picture && open && !(await onFrame(picture))) return;
      if (open) timer = setTimeout(() => void next(), FRAME_INTERVAL);
    };
    void next();
    return () => {
      open = false;
      clearTimeout(timer);
    };
  }, [isReady, onFrame]);
  if (problem !== undefined) return <Notice kind="error">{problem}</Notice>;
  return (
    <div class="camera">
      <video ref={video} autoPlay muted playsInline aria-label="What the camera sees, which the bars answer" />
    </div>
  );
}
