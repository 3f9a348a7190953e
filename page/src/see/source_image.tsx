/** The original picture. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useObjectUrl } from '../shared/use_object_url.js';

export function SourceImage({ source }: { readonly source: Blob }): JSX.Element | null {
  const url = useObjectUrl(source);
  const [isSmall, setIsSmall] = useState(false);
  if (url === undefined) return null;
  return (
    <img
      class={isSmall ? 'see-thumbnail see-pixels' : 'see-thumbnail'}
      src={url}
      alt="Your picture"
      onLoad={({ currentTarget }) => setIsSmall(currentTarget.naturalWidth < currentTarget.width)}
    />
  );
}
