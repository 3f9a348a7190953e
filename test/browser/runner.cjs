// Jest loads a runner as it is, and this one is TypeScript.
const unregister = require('tsx/cjs/api').register();
module.exports = require('./runner.ts').default;
unregister();
