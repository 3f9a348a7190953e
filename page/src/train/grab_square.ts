/** The middle square of the current frame of a video, as a PNG of 192 × 192 pixels; null before the first frame. */
const SIDE = 192;

export async function grabSquare(video: HTMLVideoElement): Promise<Blob | null> {
  const side = Math.min(video.videoWidth, video.videoHeight);
  if (side === 0) return null;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  canvas.getContext('2d')!.drawImage(video, left, top, side, side, 0, 0, SIDE, SIDE);
  return new Promise((resolve) => {
    canvas.toBlob(resolve);
  });
}
