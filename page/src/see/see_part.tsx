/** The part "See": samples of trained networks on scenes of digits, or a network of the user, in numbers and pictures. */
import './see.css';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { namesOf } from '../shared/names_of.js';
import { Notice } from '../shared/notice.js';
import { useKeptFocus } from '../shared/use_kept_focus.js';
import { NetworkPanel } from './network_panel.js';
import { OwnView } from './own_view.js';
import { readOwnModel, isPictureFile } from './read_own_model.js';
import { SceneView } from './scene/scene_view.js';
import { Session, START, type SeeState } from './session.js';
import { useDroppedFiles } from './use_dropped_files.js';

export function SeePart(): JSX.Element {
  const [state, setState] = useState<SeeState>(START);
  const session = useMemo(() => new Session(setState), []);
  useEffect(() => {
    void session.open();
    return () => {
      session.close();
    };
  }, [session]);
  const isOver = useDroppedFiles((files) => {
    const [first] = files as [File];
    if (!files.every(isPictureFile)) void session.useNetwork(readOwnModel(files));
    else if (files.length > 1) session.refuse(`One picture can be shown at a time, received ${namesOf(files)}.`);
    else if (state.network) session.usePicture({ source: first, name: first.name });
    else void session.lookInto('deformable', { source: first, name: first.name });
  });
  const { status, error, network, scene } = state;
  const parts = useKeptFocus(network, partsThemselves);
  return (
    <div class={isOver ? 'see see-drop' : 'see'}>
      <h2>See where a trained kernel looks</h2>
      <p class="see-lead">
        A plain convolution reads a fixed square around every position. A deformable one has learned to move each of its
        samples, anew for every picture and position.
      </p>
      {error !== undefined && <Notice kind="error">{error}</Notice>}
      <p class={status === undefined ? 'visually-hidden' : 'notice'} role="status">
        {status ?? 'Ready.'}
      </p>
      <div class="see-parts" ref={parts} tabIndex={-1}>
        {network ? (
          <OwnView key={network.title} {...{ network, state, session }} />
        ) : (
          scene && <SceneView {...scene} {...{ state, session }} />
        )}
        <NetworkPanel state={state} session={session} />
      </div>
    </div>
  );
}

/** Another view is shown; the next Tab leads into it. */
const partsThemselves = (parts: HTMLDivElement): HTMLElement => parts;
