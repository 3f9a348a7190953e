/** What the page loads. */
import { openPage } from './page.js';

void openPage(document.body, new URLSearchParams(location.search));
