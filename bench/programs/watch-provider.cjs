// Preloaded into whatever the engine starts: keeps on record how much memory the dynamic provider had at most, in bytes. Its engine
// ends it without a word, so that it is written all along.
const { writeFileSync } = require('node:fs');

if (/dynamic-provider/.test(process.argv[1])) {
  setInterval(() => writeFileSync(process.env.LLMOS_NODES_PROVIDER_MEMORY, String(process.resourceUsage().maxRSS * 1024)), 100).unref();
}
