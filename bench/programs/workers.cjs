/** w1 … of a large cluster. */
exports.workers = count => Array.from({ length: count }, (_, index) => ({ name: `w${index + 1}`, address: `10.1.${index >> 8}.${index & 255}`, zone: `zone-${index % 5}`, labels: { rack: `r${index % 40}` } }));
exports.management = [1, 2, 3].map(index => ({ name: `m${index}`, address: `192.0.2.${index}`, zone: `zone-${index}` }));
/** How long the installer takes on each: 5 s ± 2 s, the same at every run, the first being the slowest. */
exports.installSeconds = index => 5 + 2 * Math.cos(index * 2.4);
/** w0 … of a cluster so large that only its definition is made. */
exports.manyWorkers = count => Array.from({ length: count }, (_, index) => ({
  name: `w${index}`, address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, zone: `zone-${index % 5}`, labels: { rack: `r${index % 40}` },
}));
