export { checkpoint } from './checkpoint.js';
