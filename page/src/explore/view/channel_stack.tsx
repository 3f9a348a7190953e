/** Thumbnails of the channels of a feature map, one of which is shown large. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';

export interface ChannelStackProps {
  readonly title: string;
  readonly size: Place;
  readonly channels: number;
  readonly shown: number;
  /** Cells to mark, as `y,x`. */
  readonly marked: Iterable<string>;
  /** True if a channel is involved. */
  readonly isUsed: (channel: number) => boolean;
  /** Its group, if there are several. */
  readonly groupOf?: ((channel: number) => number) | undefined;
  readonly onShow: (channel: number) => void;
}

/** Colours of groups, reused in turn. */
const GROUP_COLOURS = 5;
const SIDE = 36;

export function ChannelStack({
  title,
  size,
  channels,
  shown,
  marked,
  isUsed,
  groupOf,
  onShow,
}: ChannelStackProps): JSX.Element {
  const cell = SIDE / Math.max(...size);
  const [height, width] = [size[0] * cell, size[1] * cell];
  const cells = [...marked].map((key) => key.split(',').map(Number) as [number, number]);
  return (
    <ul class="channels" aria-label={`Channels of ${title.toLowerCase()}`}>
      {Array.from({ length: channels }, (_, channel) => {
        const group = groupOf?.(channel);
        const used = isUsed(channel);
        const state = `${used ? '' : ', not used'}${group === undefined ? '' : `, group ${group + 1}`}`;
        return (
          <li key={channel}>
            <button
              type="button"
              class={`channel ${used ? 'used' : ''} ${group === undefined ? '' : `group-${group % GROUP_COLOURS}`}`}
              aria-pressed={channel === shown}
              aria-label={`${title}, channel ${channel + 1}${state}`}
              onClick={() => onShow(channel)}
            >
              <svg
                viewBox={`-1 -1 ${width + 2} ${height + 2}`}
                width={width + 2}
                height={height + 2}
                aria-hidden="true"
              >
                <rect class="sheet" width={width} height={height} />
                {used
                  ? cells.map(([y, x]) => (
                      <rect class="mark" key={`${y},${x}`} x={x * cell} y={y * cell} width={cell} height={cell} />
                    ))
                  : null}
              </svg>
              {channel + 1}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
