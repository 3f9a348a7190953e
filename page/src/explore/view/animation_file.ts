/** The animation of a picture as a GIF: one frame for each cell that is filled, in as few as fit into memory. */
import { Encoder } from 'modern-gif';
import { svgOfPicture } from './svg_of_picture.js';

export interface Filming {
  /** Element that holds the drawings. */
  readonly maps: HTMLElement;
  /** Number of cells to fill. */
  readonly cells: number;
  /** Shows the picture filled as far as a cell. */
  readonly show: (index: number) => void;
  /** Called after each frame. */
  readonly onFrame: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** A frame takes about a megabyte until the file is written. */
const MOST_FRAMES = 64;
const FRAME_MS = 200;
const LAST_FRAME_MS = 1500;

/** @throws DOMException AbortError when the signal is aborted */
export async function animationFile({ maps, cells, show, onFrame, signal }: Filming): Promise<Blob> {
  const step = Math.ceil(cells / MOST_FRAMES);
  const shown = Array.from({ length: cells }, (_, index) => index).filter((index) => (cells - 1 - index) % step === 0);
  let encoder: Encoder | undefined;
  const canvas = document.createElement('canvas');
  for (const [done, index] of shown.entries()) {
    show(index);
    await painted();
    signal.throwIfAborted();
    const image = await imageOf(svgOfPicture(maps));
    if (encoder === undefined) {
      [canvas.width, canvas.height] = [image.width, image.height];
      encoder = new Encoder({ width: canvas.width, height: canvas.height, looped: true });
    }
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    await encoder.encode({ data, delay: done + 1 === shown.length ? LAST_FRAME_MS : FRAME_MS });
    onFrame(done + 1, shown.length);
  }
  return encoder!.flush('blob');
}

/** Resolves when the last change is on the screen. */
const painted = (): Promise<void> =>
  new Promise((resolve) => {
    requestAnimationFrame(() => {
      setTimeout(resolve);
    });
  });

async function imageOf(svg: string): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}
