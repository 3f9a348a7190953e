/** The page: a frame around its three parts. Each part loads when it is opened; the frame and Explore are the first view. */
import './style.css';
import { render } from 'preact';
import { Page } from './page.js';

render(<Page />, document.getElementById('page')!);
