import { tidy } from '../../scripts/start-lines.mjs';

test('a line of progress is shown without the stack it is printed under', () => {
  expect(tidy(' +  pulumi:pulumi:Stack quickstart-rehearsal creating (3s) m1 joining 3/9  installing LLMOS  (2 s)')).toBe('m1 joining 3/9  installing LLMOS  (2 s)');
});

test('what happens to a node is shown by its name', () => {
  expect(tidy(' +  pulumi-nodejs:dynamic/llmos:Node m2 create ')).toBe('+ m2 create');
  expect(tidy(' -  pulumi-nodejs:dynamic/llmos:Node m3 deleted (0.01s) ')).toBe('- m3 deleted');
});

test('of a refusal the message is shown, without what the engine puts in front of it', () => {
  expect(tidy("    error: pulumi-nodejs:dynamic/llmos:Membership resource 'quickstart': property nodes value {[m1]} has a problem: removal from cluster 'quickstart' (m2): not confirmed; say so"))
    .toBe("removal from cluster 'quickstart' (m2): not confirmed; say so");
});

test.each(['@ updating.....', 'Updating (rehearsal):', 'Duration: 6s', '    + 4 created', ' +  llmos:index:Cluster quickstart creating (0s) ', ''])('%p says nothing to a newcomer', (line) => {
  expect(tidy(line)).toBeUndefined();
});
