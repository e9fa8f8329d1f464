import type { ProblemProps } from '../problem';
import type { ClusterArgs } from './cluster-args';

/** What is wrong with the arguments of a Cluster besides its chart. Types say most of it; programs in JavaScript have none. */
export function argumentProblems({ connection = {}, installer = {}, maxParallelJoins }: ClusterArgs): ProblemProps[] {
  return [
    ...(maxParallelJoins === undefined || isWhole(maxParallelJoins, 1) ? [] : [{
      subject: 'maxParallelJoins', value: String(maxParallelJoins), rule: 'so many workers join at once: a whole number, at least 1', remedy: 'correct it, or leave it out for as many as the engine lets',
    }]),
    ...(connection.bootTimeoutSeconds === undefined || isWhole(connection.bootTimeoutSeconds, 0) ? [] : [{
      subject: 'bootTimeoutSeconds of the connection', value: String(connection.bootTimeoutSeconds), rule: 'it is a whole number of seconds', remedy: 'correct it, or leave it out',
    }]),
    // The value is never shown.
    ...('password' in connection ? [{
      subject: 'password of the connection', rule: 'machines are reached with keys alone, since a password would stand in every place the key need not',
      remedy: 'put a public key onto the machines (ssh-copy-id) and leave the password out; sudo there has to do without one, too',
    }] : []),
    ...(installer.script === undefined || installer.url === undefined ? [] : [{
      subject: 'installer', value: installer.url, rule: 'the script is either uploaded (`script`) or downloaded by the machines (`url`)', remedy: 'leave one of them out',
    }]),
    ...twiceNamed(installer.images ?? []),
  ];
}

/** Archives lie side by side on a machine. */
function twiceNamed(images: readonly { readonly path: string }[]): ProblemProps[] {
  const names = images.map(({ path }) => path.split('/').at(-1)!);
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  return twice.map(name => ({ subject: 'installer images', value: name, rule: 'two archives have this name, and they go into one folder', remedy: 'rename one of them' }));
}

function isWhole(value: unknown, least: number): boolean {
  return Number.isInteger(value) && (value as number) >= least;
}
