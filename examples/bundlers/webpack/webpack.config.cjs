module.exports = {
  mode: 'production',
  context: __dirname,
  entry: './main.js',
  output: { filename: 'main.js', path: `${__dirname}/dist` },
  experiments: { topLevelAwait: true },
};
