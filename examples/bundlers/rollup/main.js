import './wasm.js';
import '../convolve.js';
