// Jest loads a runner as it is; this one is TypeScript.
module.exports = require('tsx/cjs/api').require('./runner.ts', `${__dirname}/runner.cjs`).default;
