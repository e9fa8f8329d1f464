#!/usr/bin/env node
// npm links this file before anything is built, so it is committed and only loads what the build makes.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '..', 'lib', 'cli', 'main.js');
if (!existsSync(main)) {
  console.error('llmos-nodes: it is not built yet; run `npm run build` first');
  process.exit(1);
}
require(main).main(process.argv);
