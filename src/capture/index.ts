export { accelerate, type Accelerated, type AccelerateOptions } from './accelerate.js';
export { capture, type Captured, type CaptureArgument, type CaptureReport, type SignatureReport } from './capture.js';
