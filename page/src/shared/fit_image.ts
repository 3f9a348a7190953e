/** Fits a picture to the input of a network as its preprocessing says, in a worker: the same as the command line. */
import { placeImage, type Preprocessing } from 'tfjs-convolutions/training';
import { resample, type Span } from './resample.js';

/** The part of a preprocessing that drawing needs. */
export type Fitting = Pick<Preprocessing, 'height' | 'width' | 'fit' | 'background'>;

export function fitImage(bitmap: ImageBitmap, fitting: Fitting): ImageData {
  const { height, width, background } = fitting;
  const place = placeImage(bitmap, fitting);
  const ground = `rgb(${background.join(' ')})`;
  const rows = shown(place.top, place.height, height);
  const columns = shown(place.left, place.width, width);
  const picture = filled(bitmap.width, bitmap.height, ground);
  picture.drawImage(bitmap, 0, 0);
  const scaled = resample(picture.getImageData(0, 0, bitmap.width, bitmap.height), rows, columns);
  const context = filled(width, height, ground);
  const part = new ImageData(scaled, columns.count, rows.count);
  context.putImageData(part, Math.max(0, place.left), Math.max(0, place.top));
  return context.getImageData(0, 0, width, height);
}

/** The part of one axis that is inside the input. */
function shown(offset: number, length: number, size: number): Span {
  const start = Math.max(0, -offset);
  return { length, start, count: Math.min(length, size - offset) - start };
}

/** A canvas of one colour, drawn by the CPU, so that the bytes are the same on every device. */
function filled(width: number, height: number, colour: string): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  return context;
}
