/** A picture as the person gave it. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PictureSource } from './messages.js';

export function SourceImage({ source }: { readonly source: PictureSource }): JSX.Element {
  return source instanceof Blob ? <BlobImage blob={source} /> : <DrawnImage image={source} />;
}

function BlobImage({ blob }: { readonly blob: Blob }): JSX.Element | null {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
    };
  }, [blob]);
  return url === undefined ? null : <img class="see-thumbnail" src={url} alt="Your picture" />;
}

function DrawnImage({ image }: { readonly image: ImageData }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(image, 0, 0);
  }, [image]);
  const { width, height } = image;
  return (
    <canvas class="see-thumbnail" ref={canvas} width={width} height={height} role="img" aria-label="Your picture" />
  );
}
