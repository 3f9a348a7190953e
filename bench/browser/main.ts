/** Entry point of the page. */
import { openPage } from './page.js';

void openPage(document.body, new URLSearchParams(location.search));
