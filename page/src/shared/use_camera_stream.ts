/** Streams the camera into a video element while it is shown. The browser asks for permission when the stream opens. */
import { useEffect } from 'preact/hooks';
import { messageOf } from './message_of.js';

const REFUSALS: Readonly<Record<string, string>> = {
  NotAllowedError: 'Permission to use the camera was denied. Allow it in the browser’s address bar, or add files.',
  NotFoundError: 'No camera was found. Plug one in, or add files.',
  NotReadableError: 'The camera is in use by another program. Close that, or add files.',
};

/** Shows the camera in the video element while it is mounted. */
export function useCameraStream(
  video: { readonly current: HTMLVideoElement | null },
  setReady: (ready: boolean) => void,
  setProblem: (problem: string) => void,
): void {
  useEffect(() => {
    let stream: MediaStream | undefined;
    let closed = false;
    const open = async (): Promise<void> => {
      if (!('mediaDevices' in navigator)) {
        throw new Error('The camera is available only to pages loaded over https.');
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
