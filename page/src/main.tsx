/** Entry point: a frame around three parts. Each part is loaded when it is opened; the first view is the frame and Explore. */
import './style.css';
import './shared/isolation.js';
import { render } from 'preact';
import { Page } from './page.js';

render(<Page />, document.getElementById('page')!);
