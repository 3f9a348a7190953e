/**
 * Prepares a drawing like the digits of MNIST (LeCun et al., "Gradient-Based Learning Applied to Document
 * Recognition", 1998, section III.A): scaled into 20 × 20 of 28 × 28 pixels, with its centre of mass in the middle.
 */

const SIDE = 28;
const BOX = 20;
/** Lowest brightness of a pixel that belongs to the drawing. */
const THRESHOLD = 32;

export async function fitDrawing(picture: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(picture);
  const drawing = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true })!;
  drawing.drawImage(bitmap, 0, 0);
  const figure = measure(drawing.getImageData(0, 0, bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.fillRect(0, 0, SIDE, SIDE);
  if (figure) {
    const scale = BOX / Math.max(figure.width, figure.height);
    context.imageSmoothingQuality = 'high';
    context.translate(SIDE / 2 - figure.x * scale, SIDE / 2 - figure.y * scale);
    context.scale(scale, scale);
    context.drawImage(bitmap, 0, 0);
  }
  bitmap.close();
  return canvas.convertToBlob();
}

interface Figure {
  readonly width: number;
  readonly height: number;
  /** Centre of mass. */
  readonly x: number;
  readonly y: number;
}

function measure({ data, width, height }: ImageData): Figure | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  let [mass, massX, massY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const brightness = data[(y * width + x) * 4]!;
      if (brightness < THRESHOLD) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), y];
      mass += brightness;
      massX += brightness * (x + 0.5);
      massY += brightness * (y + 0.5);
    }
  }
  if (mass === 0) return undefined;
  return { width: right - left + 1, height: bottom - top + 1, x: massX / mass, y: massY / mass };
}
