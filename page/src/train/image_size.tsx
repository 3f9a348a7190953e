/** Field for the size to which images are scaled; a pretrained or imported network has one of its own. */
import type { JSX } from 'preact';
import type { Form } from './form.js';
import { IMAGE_SIZES, isNetworkName } from './network_list.js';

interface ImageSizeProps {
  readonly form: Form;
  readonly change: (part: Partial<Form>) => void;
}

export function ImageSize({ form, change }: ImageSizeProps): JSX.Element {
  const isFree = isNetworkName(form.network);
  return (
    <label>
      Image size
      <select
        value={isFree ? form.size : ''}
        disabled={!isFree}
        aria-describedby="about-size"
        onChange={({ currentTarget }) => {
          change({ size: Number(currentTarget.value) });
        }}
      >
        {isFree ? (
          IMAGE_SIZES.map(({ side }) => (
            <option key={side} value={side}>
              {side} × {side} pixels
            </option>
          ))
        ) : (
          <option value="">that of the network</option>
        )}
      </select>
      <span class="quiet" id="about-size">
        {isFree ? 'larger ones show more and take longer' : 'the chosen network takes one size'}
      </span>
    </label>
  );
}
