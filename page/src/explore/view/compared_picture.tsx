/** The picture of one of two convolutions, which follows the common settings and the common cell. */
import type { JSX } from 'preact';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import { Notice } from '../../shared/notice.js';
import { writeState } from '../model/address.js';
import { ownSettingsOf } from '../model/common_settings.js';
import type { Convolution } from '../model/convolution.js';
import type { Answer } from '../model/question.js';
import type { Settings } from '../model/settings.js';
import { useView } from '../model/use_view.js';
import { PictureView } from './picture_view.js';
import { Reading } from './reading.js';
import { Trouble } from './trouble.js';
import { useTaps } from './use_taps.js';

export interface ComparedPictureProps {
  readonly label: string;
  readonly convolution: Convolution;
  readonly settings: Settings;
  readonly cell: Place;
  readonly seed: number | null;
  readonly onChoose: (cell: Place) => void;
  /** Called with the figures of the picture; `undefined` while they are computed. */
  readonly onAnswer: (answer: Answer | undefined) => void;
}

/** Largest width of each feature map in pixels, for one, two, three and more of them. */
const WIDEST = [130, 130, 72, 64] as const;

export function ComparedPicture(props: ComparedPictureProps): JSX.Element {
  const { label, convolution, settings, cell, seed, onChoose, onAnswer } = props;
  const own = useMemo(() => ({ ...settings, ...ownSettingsOf(convolution) }), [settings, convolution]);
  const [first] = useState(own);
  const [start] = useState(() => writeState(convolution, { settings: own, cell, channel: 0, act: null, seed }));
  const view = useView(convolution, start.split('?')[1] ?? '');
  const { picture, traced, numbers, fault, answers, target, channel, act } = view;
  const taps = useTaps(traced, target, null);
  const readingId = useId();
  /** Functions of the latest state, which effects call. */
  const latest = useRef({ view, onAnswer });
  latest.current = { view, onAnswer };
  useEffect(() => {
    if (own !== first) latest.current.view.restore(own);
  }, [own, first]);
  useEffect(() => {
    latest.current.view.choose(cell);
  }, [cell]);
  const current = answers.isCurrent ? answers.answer : undefined;
  useEffect(() => {
    latest.current.onAnswer(current);
  }, [current]);
  const widest = WIDEST[Math.min(picture.maps.length, WIDEST.length) - 1]!;
  return (
    <section class="picture panel" aria-label={label}>
      <h3>{label}</h3>
      <PictureView
        {...view}
        describedBy={readingId}
        isShaded={convolution.isShaded === true}
        reached={null}
        taps={taps.shown}
        onChoose={onChoose}
        onHover={view.hover}
        onTap={taps.choose}
        onHoverTap={taps.hover}
        onWeight={view.setWeight}
        onShow={view.show}
        source={undefined}
        hasHandles={false}
        over={undefined}
        widest={widest}
        hasProducts={false}
      />
      {fault === undefined ? null : (
        <Notice kind="error">{fault.message} The picture still shows the last settings that worked.</Notice>
      )}
      <Trouble view={view} />
      <Reading id={readingId} {...{ picture, act, channel, traced }} cell={view.cell} hasNumbers={numbers !== null} />
    </section>
  );
}
