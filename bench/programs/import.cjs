// Loads modules as a Pulumi program would: node import.cjs <module> …
// Everything they export is asked for, since some of it is loaded only then.
for (const name of process.argv.slice(2)) Object.values(require(name));
const lazy = Object.keys(require.cache).filter(file => /node_modules\/(ssh2|@kubernetes\/client-node)\//.test(file));
if (lazy.length > 0) throw new Error(`loaded already at import: ${lazy[0]}`);
