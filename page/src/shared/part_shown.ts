/** Tells a part of the page whether it is shown: one that works on stays when another is opened. */
import { createContext } from 'preact';

export const PartShown = createContext(true);
