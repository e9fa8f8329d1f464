/** w1 … of a large cluster. */
exports.workers = count => Array.from({ length: count }, (_, index) => ({ name: `w${index + 1}`, address: `10.1.${index >> 8}.${index & 255}`, zone: `zone-${index % 5}`, labels: { rack: `r${index % 40}` } }));
exports.management = [1, 2, 3].map(index => ({ name: `m${index}`, address: `192.0.2.${index}`, zone: `zone-${index}` }));
