// Loaded into the Node processes of an engine run before anything else. The one that comes to a step of LLMOS_E2E_HANG, say
// `m2 joining`, beyond the step number LLMOS_E2E_HANG_AFTER stops for ever right before it begins it, and leaves its process id in
// the file LLMOS_E2E_HUNG: what is killed then is killed exactly between two steps.
const { writeFileSync } = require('node:fs');

const { LLMOS_E2E_HANG: change, LLMOS_E2E_HANG_AFTER: after, LLMOS_E2E_HUNG: file } = process.env;

if (change) {
  const log = console.log;
  console.log = (...values) => {
    const [, step] = new RegExp(`^${change} +(\\d+)/`).exec(String(values[0])) ?? [];
    const hangs = Number(step) > Number(after);
    if (hangs) writeFileSync(file, String(process.pid));
    log(...values);
    // A write to a pipe is done when it returns, so the line has left.
    if (hangs) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
}
