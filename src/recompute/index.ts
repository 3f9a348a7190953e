export { checkpoint } from './checkpoint.js';
export type { MemoryUse } from './memory_use.js';
