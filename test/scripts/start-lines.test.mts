import { pulumiLines } from '../../scripts/start-lines.mjs';

const shown = (...lines: string[]) => {
  const show = pulumiLines('quickstart');
  return lines.map((line) => show(line)).filter((line) => line !== undefined).map(({ text, passing }) => (passing ? `(${text})` : text));
};

test('the steps of the first node are shown once each, those of the others pass by', () => {
  expect(shown(
    ' +  pulumi:pulumi:Stack quickstart-rehearsal creating (3s) w1 joining  9/13  installing LLMOS  (0 s)',
    ' +  pulumi:pulumi:Stack quickstart-rehearsal creating (3s) w1 joining 10/13  LLMOS is setting up the node  (0 s)',
    ' +  pulumi:pulumi:Stack quickstart-rehearsal creating (3s) w1 joining 10/13  LLMOS is setting up the node: the runtime starts  (0 s)',
    ' +  pulumi:pulumi:Stack quickstart-rehearsal creating (4s) w2 joining  9/13  installing LLMOS  (1 s)',
  )).toEqual(['w1 joining  9/13  installing LLMOS', 'w1 joining 10/13  LLMOS is setting up the node', '(w2 joining  9/13  installing LLMOS)']);
});

test('what Pulumi repeats at the end is not shown again', () => {
  const progress = 'm3 removing  5/13  draining  (0 s)';
  expect(shown(`    pulumi:pulumi:Stack quickstart-rehearsal running ${progress}`, 'Diagnostics:', `    ${progress}`, '    m2 removing  5/13  draining  (0 s)'))
    .toEqual(['m3 removing  5/13  draining']);
});

test('what happens to a node is said by its own name', () => {
  expect(shown(
    ' +  pulumi-nodejs:dynamic/llmos:Node quickstart-m2 create ',
    ' -  pulumi-nodejs:dynamic/llmos:Node quickstart-m3 deleting (0s) ',
    ' -  pulumi-nodejs:dynamic/llmos:Node quickstart-m3 deleted (0.01s) ',
  )).toEqual(['+ m2 will join', '- m3 has been removed']);
});

test('of a preview the change of the quorum is shown, and no other output', () => {
  const quorum = ['  ~ quorum: {', '      ~ majority: 1 => 2', '      ~ members : [', '          + [1]: "m2"', '        ]', '    }'];
  expect(shown('Outputs:', '  ~ nodes : [', '      ~ [1]: {', '            }', '    ]', ...quorum, '', 'Resources:')).toEqual(quorum);
});

test('of a refusal in the gate the message is shown once, without what the engine puts in front of it', () => {
  const error = "error: pulumi-nodejs:dynamic/llmos:Membership resource 'quickstart': property nodes value {[{map[name:{m1}]}]} has a problem: removal (m2): not confirmed; say so";
  expect(shown(`    pulumi-nodejs:dynamic/llmos:Membership quickstart  ${error}`, 'Diagnostics:', `    ${error}`)).toEqual(['removal (m2): not confirmed; say so']);
});

test('of a refusal that concerns a whole resource the message is shown as well', () => {
  expect(shown("    error: pulumi-nodejs:dynamic/llmos:Membership resource 'quickstart' has a problem: removal (m2): not confirmed; say so"))
    .toEqual(['removal (m2): not confirmed; say so']);
});

test.each([[
  ["    error: Running program '/home/me/index.ts' failed with an unhandled exception:", '    [Validation failed with the following errors:',
    "      [quickstart/management] management pool 'management' (2 nodes): worse than 1; use 1 or 3] {", '      problems: ['],
], [
  ['    error: Validation failed with the following errors:', "      [quickstart/management] management pool 'management' (2 nodes): worse than 1; use 1 or 3"],
]])('of a refusal by the definition the message is shown, however the engine prints it: %#', (lines) => {
  expect(shown(...lines)).toEqual(["management pool 'management' (2 nodes): worse than 1; use 1 or 3"]);
});

test.each(['@ updating.....', 'Updating (rehearsal):', 'Duration: 6s', '    + 4 created', ' +  llmos:index:Cluster quickstart creating (0s) ', ''])('%p says nothing to a newcomer', (line) => {
  expect(shown(line)).toEqual([]);
});
