import { repeatRandom } from './repeat_random.js';

repeatRandom();
