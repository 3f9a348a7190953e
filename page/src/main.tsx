/** Entry point: a frame around three parts, or one picture alone for a frame of another page. Each part is loaded when it is opened. */
import './style.css';
import './shared/isolation.js';
import './shared/stray_drops.js';
import { render } from 'preact';
import { LANGUAGES, languageOf } from './explore/texts/languages.js';
import { Page } from './page.js';
import { messageOf } from './shared/message_of.js';
import { Notice } from './shared/notice.js';

const root = document.getElementById('page')!;

if (location.hash.startsWith('#embed/')) {
  const language = languageOf(location.hash);
  const { load, notLoaded } = LANGUAGES[language];
  document.documentElement.lang = language;
  Promise.all([import('./explore/embed_part.js'), load()]).then(
    ([{ EmbedPart }, texts]) => {
      render(<EmbedPart texts={texts} />, root);
    },
    (error: unknown) => {
      render(<Notice kind="error">{notLoaded(messageOf(error))}</Notice>, root);
    },
  );
} else {
  render(<Page />, root);
}
