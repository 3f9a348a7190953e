/** Thumbnails of the channels of a feature map, one of which is shown large. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import { colourOf, mostOf } from '../model/colours.js';
import type { MapTitle } from '../model/maps.js';
import { useTexts } from '../texts/use_texts.js';

export interface ChannelStackProps {
  readonly title: MapTitle;
  readonly size: Place;
  readonly channels: number;
  readonly shown: number;
  /** Values of all channels, channels last, if they are known. */
  readonly values: readonly number[] | undefined;
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

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export function ChannelStack({
  title,
  size,
  channels,
  shown,
  values,
  marked,
  isUsed,
  groupOf,
  onShow,
}: ChannelStackProps): JSX.Element {
  const { map: texts } = useTexts();
  const cell = SIDE / Math.max(...size);
  const [height, width] = [size[0] * cell, size[1] * cell];
  const cells = [...marked].map((key) => key.split(',').map(Number) as [number, number]);
  return (
    <ul
      class="channels"
      aria-label={texts.channels(title)}
      onKeyDown={(event) => {
        const by = STEPS[event.key];
        if (by === undefined) return;
        event.preventDefault();
        const next = (shown + by + channels) % channels;
        onShow(next);
        event.currentTarget.querySelectorAll('button')[next]!.focus();
      }}
    >
      {Array.from({ length: channels }, (_, channel) => {
        const group = groupOf?.(channel);
        const used = isUsed(channel);
        return (
          <li key={channel}>
            <button
              type="button"
              class={`channel ${used ? 'used' : ''} ${values === undefined ? '' : 'valued'} ${group === undefined ? '' : `group-${group % GROUP_COLOURS}`}`}
              aria-pressed={channel === shown}
              tabIndex={channel === shown ? 0 : -1}
              aria-label={texts.channel(title, channel, used, group)}
              onClick={() => onShow(channel)}
            >
              <svg
                viewBox={`-1 -1 ${width + 2} ${height + 2}`}
                width={width + 2}
                height={height + 2}
                aria-hidden="true"
              >
                {values === undefined ? (
                  <rect class="sheet" width={width} height={height} />
                ) : (
                  <Values {...{ size, channels, channel, values, cell }} />
                )}
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

interface ValuesProps {
  readonly size: Place;
  readonly channels: number;
  readonly channel: number;
  readonly values: readonly number[];
  /** Width of a cell in pixels. */
  readonly cell: number;
}

/** The colours of a channel. */
function Values({ size: [height, width], channels, channel, values, cell }: ValuesProps): JSX.Element {
  return useMemo(() => {
    const most = mostOf(values);
    return (
      <g>
        {Array.from({ length: height * width }, (_, index) => (
          <rect
            key={index}
            class="pixel"
            x={(index % width) * cell}
            y={Math.floor(index / width) * cell}
            // A little more, so that no ground shows between them.
            width={cell + 0.2}
            height={cell + 0.2}
            fill={colourOf(values[index * channels + channel]!, most).fill}
          />
        ))}
      </g>
    );
  }, [height, width, channels, channel, values, cell]);
}
