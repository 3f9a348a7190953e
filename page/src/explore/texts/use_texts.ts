/** Texts of the picture in the language of the page that shows it. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { ENGLISH, type Texts } from './english.js';

export const TextsContext = createContext<Texts>(ENGLISH);

export const useTexts = (): Texts => useContext(TextsContext);
