/** The part "See": a picture, a trained deformable network and the sampling locations of its kernels, beside a plain network. */
import './see.css';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Notice } from '../shared/notice.js';
import { Answers } from './answers.js';
import { InspectionPanel } from './inspection_panel.js';
import { NetworkPanel } from './network_panel.js';
import { PicturePanel } from './picture_panel.js';
import { Session, START, type SeeState } from './session.js';
import { useDroppedFiles } from './use_dropped_files.js';

/** Digit that is shown first: its strokes leave space for samples to move. */
const FIRST_DIGIT = '3';

export function SeePart(): JSX.Element {
  const [state, setState] = useState<SeeState>(START);
  const session = useMemo(() => new Session(setState), []);
  useEffect(() => {
    void session.useDigit(FIRST_DIGIT);
    void session.open();
    return () => {
      session.close();
    };
  }, [session]);
  const isOver = useDroppedFiles((files) => {
    if (files.some(({ name }) => name.endsWith('.json'))) void session.useNetwork(files);
    else session.usePicture({ source: files[0]!, name: files[0]!.name });
  });
  const { status, error, network, shown } = state;
  return (
    <div class={isOver ? 'see see-drop' : 'see'}>
      <h2>See where a trained kernel looks</h2>
      <p class="see-lead">
        A plain convolution reads a fixed square around every position. A deformable one has learned to move each of its
        taps, anew for every picture and position. Choose a picture, then point at it.
      </p>
      {error !== undefined && <Notice kind="error">{error}</Notice>}
      <p class={status === undefined ? 'visually-hidden' : 'notice'} role="status">
        {status ?? 'Ready.'}
      </p>
      <div class="see-columns">
        <div>
          <PicturePanel state={state} session={session} />
          {shown && <Answers shown={shown} />}
        </div>
        <div>
          {network && shown && (
            <InspectionPanel key={network.title} network={network} shown={shown} state={state} session={session} />
          )}
          <NetworkPanel state={state} session={session} />
        </div>
      </div>
    </div>
  );
}
