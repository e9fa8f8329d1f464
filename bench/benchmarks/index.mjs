import * as synth from './synth.mjs';
import * as impact from './impact.mjs';
import * as startup from './startup.mjs';
import * as engine from './engine.mjs';
import * as joins from './joins.mjs';
import * as sshJoins from './ssh-joins.mjs';
import * as scaling from './scaling.mjs';

/** Every benchmark: the names of what it measures, and how. */
export const BENCHMARKS = [synth, impact, startup, engine, joins, sshJoins, scaling];
