/** Languages of the picture alone, one of which the address names: `#embed/plain?lang=ko`. Each loads when it is wanted. */
import { ENGLISH, type Texts } from './english.js';

interface LanguageTexts {
  readonly load: () => Promise<Texts>;
  /** Message if scripts of the picture, the texts among them, do not load. */
  readonly notLoaded: (reason: string) => string;
}

export const LANGUAGES = {
  en: {
    load: () => Promise.resolve(ENGLISH),
    notLoaded: (reason) => `The picture did not load (${reason}).`,
  },
  ko: {
    load: async () => (await import('./korean.js')).KOREAN,
    notLoaded: () => '그림을 불러오지 못했습니다. 연결을 확인하고 페이지를 새로 고치세요.',
  },
} as const satisfies Record<string, LanguageTexts>;

export type Language = keyof typeof LANGUAGES;

const isLanguage = (name: string): name is Language => Object.hasOwn(LANGUAGES, name);

/** Finds the language that the fragment of the URL names; English if it names none, or one that there is not. */
export function languageOf(fragment: string): Language {
  const named = new URLSearchParams(fragment.split('?')[1]).get('lang') ?? '';
  return isLanguage(named) ? named : 'en';
}
