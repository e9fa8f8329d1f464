// Preloaded into whatever the engine starts: keeps on record how much memory the dynamic provider needed at most, in bytes. Its engine
// ends it without a word, so that it is written all along. Garbage is taken out each time: how much of it V8 lets lie depends on how
// much memory the machine has.
const { writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

if (/dynamic-provider/.test(process.argv[1])) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  setInterval(() => {
    collect();
    writeFileSync(process.env.LLMOS_NODES_PROVIDER_MEMORY, String(process.resourceUsage().maxRSS * 1024));
  }, 250).unref();
}
