// Loaded into the Node processes of an engine run before anything else. The one that says it has come to the step named in
// LLMOS_E2E_HANG_AT stops there for ever, before it begins the step: whatever is killed then is killed exactly between two steps.
const { writeFileSync } = require('node:fs');

const { LLMOS_E2E_HANG_AT: at, LLMOS_E2E_HUNG: file } = process.env;

if (at) {
  const [place, title] = at.split('|');
  const log = console.log;
  console.log = (...values) => {
    const line = String(values[0]);
    const hangs = line.startsWith(`${place} `) && line.includes(`  ${title}  (`);
    if (hangs) writeFileSync(file, String(process.pid));
    log(...values);
    if (hangs) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
}
