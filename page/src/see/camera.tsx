/** Camera dialog: permission is requested when it opens, which only a button does, and the camera is released on close. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Notice } from '../shared/notice.js';
import { useCameraStream } from '../shared/use_camera_stream.js';

export function Camera({ onPicture }: { readonly onPicture: (picture: Blob) => void }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const [isReady, setReady] = useState(false);
  const [problem, setProblem] = useState<string>();
  useCameraStream(video, setReady, setProblem);
  const take = (): void => {
    const { videoWidth: width, videoHeight: height } = video.current!;
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    canvas.getContext('2d')!.drawImage(video.current!, 0, 0);
    canvas.toBlob((picture) => {
      if (picture) onPicture(picture);
    });
  };
  if (problem !== undefined) return <Notice kind="error">{problem}</Notice>;
  return (
    <div class="see-tool">
      <video ref={video} class="see-video" aria-label="What the camera sees" muted playsInline />
      <button class="primary" disabled={!isReady} onClick={take}>
        Take the picture
      </button>
    </div>
  );
}
