/** Draws small images pixel by pixel. */

/** Draws an image, as the data URL of a PNG. */
export function drawPixels(
  height: number,
  width: number,
  colourOf: (pixel: number) => readonly [number, number, number, number],
): string {
  const canvas = Object.assign(document.createElement('canvas'), { height, width });
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < height * width; pixel++) image.data.set(colourOf(pixel), 4 * pixel);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
