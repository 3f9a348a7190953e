/** A network of the user: its layers in numbers and, if it takes pictures, what its positions read. */
import type { JSX } from 'preact';
import { Answers } from './answers.js';
import { InspectionPanel } from './inspection_panel.js';
import type { NetworkDescription } from './messages.js';
import { PicturePanel } from './picture_panel.js';
import { ReportPanel } from './report_panel.js';
import type { SeeState, Session } from './session.js';

interface Props {
  readonly network: NetworkDescription;
  readonly state: SeeState;
  readonly session: Session;
}

export function OwnView({ network, state, session }: Props): JSX.Element {
  const { shown } = state;
  const { input, layers, report } = network;
  if (typeof input === 'string') {
    return (
      <>
        <p>{input}</p>
        <ReportPanel report={report} />
      </>
    );
  }
  return (
    <>
      <div class="see-columns">
        <div>
          <PicturePanel input={input} state={state} session={session} />
          {shown?.answer && <Answers answer={shown.answer} />}
        </div>
        <div>
          {shown && layers.length > 0 && (
            <InspectionPanel network={network} shown={shown} state={state} session={session} />
          )}
        </div>
      </div>
      <ReportPanel report={report} />
    </>
  );
}
