export { accelerate, type Accelerated } from './accelerate.js';
export { capture, type Captured, type CaptureArgument, type CaptureReport, type SignatureReport } from './capture.js';
