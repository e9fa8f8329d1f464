import { lostRegistration } from '../../src/llmos/registration';
import { gate } from '../../src/membership/gate';
import { gateVersions } from '../../src/membership/gate-versions';
import { formatProblem } from '../../src/problem';
import { InputProblem, exitCode, fromPreview, impact } from '../../src/impact';
import { fixture, reportOf, way } from './memberships';

function problemOf(json: string, options = {}): { kind: string; message: string } {
  try {
    fromPreview(json, options);
  } catch (error) {
    if (!(error instanceof InputProblem)) throw error;
    expect(error.stack).toBe(error.message);
    return { kind: error.kind, message: error.message };
  }
  throw new Error('nothing was thrown');
}

test.each([
  ['create', 'raised', '+m1 +m2 +m3', 0],
  ['unchanged', 'unchanged', '', 0],
  ['unchanged-show-sames', 'unchanged', '', 0],
  ['grow', 'raised', '+m4 +m5', 0],
  ['confirmed', 'lowered', '-m5 -m4', 6],
  ['replaced', 'kept', '-m2 +m2', 0],
  ['role-changes', 'kept', '+w1 -m5', 0],
  ['left-over', 'kept', '', 0],
  ['after-a-failed-join', 'raised', '+m8 +m9', 0],
  ['destroy', 'unconfirmed', '-m5 -m4 -m3 -m2 -m1', 5],
  ['unconfirmed', 'unconfirmed', '', 5],
  ['invalid', 'invalid', '', 3],
  ['too-many', 'unsafe', '', 4],
  ['too-many-unconfirmed', 'unsafe', '', 4],
  ['unknown-address', 'raised', '+m1 +m2 +m3', 0],
])('a preview of the engine: %s', (name, verdict, steps, code) => {
  const report = reportOf(name);
  expect({ verdict: report.verdict, way: way(report), code: exitCode(report) }).toEqual({ verdict, way: steps, code });
});

test('what is confirmed in the stack and what changes besides is read, too', () => {
  const report = reportOf('confirmed');
  expect(report.confirmations).toEqual({ confirmed: ['m4', 'm5'], missing: [], unused: [] });
  expect(report.otherChanges).toEqual([
    { subject: 'llmos', change: 'none → v0.3.1', nodes: [] },
    { subject: 'label', change: 'example.com/rack: none → r1', nodes: ['w1'] },
  ]);
});

test('a removal left over from an earlier run is in the report although no membership mentions it', () => {
  expect(reportOf('left-over').removals).toEqual([{ name: 'w2', role: 'worker', confirmed: true, leftOver: true }]);
});

test('a management node left over is a voter until it has left', () => {
  const preview = JSON.parse(fixture('left-over'));
  const deleted = preview.steps.find(({ op }: { op: string }) => op === 'delete').oldState;
  for (const properties of [deleted.inputs, deleted.outputs]) Object.assign(properties, { name: 'm4', role: 'management', zone: 'a' });
  const { before, after, ...rest } = fromPreview(JSON.stringify(preview));
  const report = impact(before, after, rest);
  expect(way(report)).toBe('-m4');
  expect(report).toMatchObject({ before: { voters: 4 }, after: { voters: 3 }, steps: [{ reason: 'left over' }], verdict: 'unconfirmed' });
});

test('nodes of an earlier run that did not join, or half-way only, are still to join', () => {
  expect(reportOf('after-a-failed-join')).toMatchObject({ before: { voters: 3 }, after: { voters: 5 }, joins: [{ name: 'm8' }, { name: 'm9' }] });
});

test('addresses that are not known yet are not taken for one', () => {
  const { after } = fromPreview(fixture('unknown-address'));
  expect(after!.nodes.map(({ name, address }) => `${name} ${address}`)).toEqual(['m1 192.0.2.11', 'm2 <known after apply>', 'm3 192.0.2.13', 'w1 <known after apply>']);
});

test('the reasons of a refused preview are in the report, each with its remedy', () => {
  expect(reportOf('unconfirmed').findings).toEqual([{
    kind: 'unconfirmed',
    message: "removal from cluster 'prod' (m4, m5): a node is removed only when its name was confirmed; this one takes the failure tolerance from 2 to 1",
    remedy: "if that is meant: pulumi config set --path 'llmos:confirmRemoval[0]' m4 && pulumi config set --path 'llmos:confirmRemoval[1]' m5",
  }]);
  expect(reportOf('invalid').findings).toMatchObject([{ kind: 'invalid', remedy: "use 3 or 5, or say why in allowEven: '<reason>'" }]);
});

test('the gate and the report speak of the same things: what the gate says is recognised', () => {
  const nodes = (count: number, name: string) => Array.from({ length: count }, (_, index) => ({ name: `${name}${index}`, role: 'management' as const }));
  const [before, after] = [nodes(5, 'a'), nodes(5, 'b')].map(each => each.map(node => ({ ...node, address: `${node.name}.example.com` })));
  const lost = lostRegistration('prod', 'a0.example.com', before!, after!)!;
  const said = [...gate('prod', before!, after!, []), formatProblem(lost)];
  const diagnostics = said.map(message => ({ severity: 'error', message: `error: pulumi-nodejs:dynamic/llmos:Membership resource 'prod' has a problem: ${message}\n` }));
  expect(fromPreview(JSON.stringify({ steps: [], diagnostics })).refusals.map(({ kind }) => kind)).toEqual(['unconfirmed', 'unsafe', 'invalid']);
});

test('nodes that may not go to the declared release are one refusal for each reason', () => {
  const refused = (name: string, to: string) => gateVersions(name, 'v1.34.4+k3s1', to)
    .map(message => ({ severity: 'error', message: `error: pulumi-nodejs:dynamic/llmos:Node resource 'prod-${name}' has a problem: ${message}\n` }));
  const diagnostics = [...['w10', 'w9', 'w2', 'm1'].flatMap(name => refused(name, 'v1.36.0+k3s1')), ...refused('m2', 'v1.34.3+k3s1')];
  expect(fromPreview(JSON.stringify({ steps: [], diagnostics })).refusals).toMatchObject([
    {
      kind: 'invalid', message: 'kubernetesVersion of m1, w2, w9, w10 (v1.34.4+k3s1 → v1.36.0+k3s1): no minor version may be left out',
      remedy: 'declare the latest v1.35 first and run `pulumi up`, then go on',
    },
    { kind: 'invalid', message: expect.stringContaining('kubernetesVersion of m2 (v1.34.4+k3s1 → v1.34.3+k3s1): Kubernetes has no way back') },
  ]);
});

test('a machine that was reinstalled behind the name of a node is a replacement, as soon as a refresh has found it', () => {
  const preview = JSON.parse(fixture('unchanged-show-sames')) as { steps: { op: string; urn: string; oldState?: { outputs: object } }[]; config?: object };
  const step = preview.steps.find(({ urn }) => urn.endsWith('::prod-m2'))!;
  Object.assign(step.oldState!.outputs, { machineId: 'a'.repeat(32), anotherMachine: 'b'.repeat(32) });
  step.op = 'replace';
  const { before, after, ...rest } = fromPreview(JSON.stringify(preview));
  const report = impact(before, after, rest);
  expect(report).toMatchObject({ verdict: 'unconfirmed', replacements: [{ name: 'm2', why: `machine-id: ${'a'.repeat(32)} → ${'b'.repeat(32)}` }] });
  expect(way(report)).toBe('-m2 +m2');
});

test('a destroyed cluster is confirmed by its name and by nothing else', () => {
  const destroyed = (config: Record<string, string>) => {
    const { before, after, ...rest } = fromPreview(JSON.stringify({ ...JSON.parse(fixture('destroy')), config }));
    return impact(before, after, rest).verdict;
  };
  expect(destroyed({ 'llmos:confirmDestroy': 'prod' })).toBe('lowered');
  expect(destroyed({ 'llmos:confirmDestroy': 'test', 'llmos:confirmRemoval': '["m1","m2","m3","m4","m5","w1","w2"]' })).toBe('unconfirmed');
});

test('an even number was allowed when the program ran, or there would be no preview: the report does not ask for the reason again', () => {
  const preview = JSON.parse(fixture('grow'));
  preview.steps = preview.steps.filter(({ urn }: { urn: string }) => !urn.endsWith('prod-m5'));
  const { newState } = preview.steps.find(({ urn }: { urn: string }) => urn.includes('Membership'));
  for (const properties of [newState.inputs, newState.outputs ?? {}]) properties.nodes = properties.nodes?.filter(({ name }: { name: string }) => name !== 'm5');
  const { before, after, ...rest } = fromPreview(JSON.stringify(preview));
  expect(impact(before, after, rest)).toMatchObject({ after: { voters: 4 }, findings: [{ kind: 'lowered', message: 'the zone failure tolerance goes from 1 to 0' }] });
});

test('confirmations may be written by hand, or with what becomes of the machine', () => {
  const confirmed = (value: string) => fromPreview(JSON.stringify({ ...JSON.parse(fixture('confirmed')), config: { 'llmos:confirmRemoval': value } })).after!.confirmRemoval;
  expect(confirmed('m4, m5')).toEqual([{ name: 'm4' }, { name: 'm5' }]);
  expect(confirmed('[{"name":"m4","removal":"unreachable"},"m5"]')).toEqual([{ name: 'm4', removal: 'unreachable' }, { name: 'm5' }]);
});

test('of a Cluster that Pulumi takes for another one, nodes that are declared under both stay, and the others leave', () => {
  const renamed = JSON.parse(fixture('destroy').replaceAll('::prod', '::old-name'));
  const { steps } = JSON.parse(fixture('create'));
  const { before, after, ...rest } = fromPreview(JSON.stringify({ ...renamed, steps: [...steps, ...renamed.steps] }));
  expect(before!.nodes.map(({ name }) => name)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'w1']);
  expect(impact(before, after, rest)).toMatchObject({ removals: [{ name: 'm4' }, { name: 'm5' }], findings: [{ kind: 'unconfirmed', message: expect.stringContaining('removal of m4, m5') }, {}] });
});

test.each(['oldState', 'newState'])('nodes that are a secret, because an address is, are none that are not there (%s)', state => {
  const preview = JSON.parse(fixture('unchanged-show-sames'));
  const membership = preview.steps.find(({ urn }: { urn: string }) => urn.includes('llmos:Membership'));
  for (const properties of [membership[state].inputs, membership[state].outputs]) if (properties) properties.nodes = '[secret]';
  expect(() => fromPreview(JSON.stringify(preview))).toThrow(
    "membership of cluster 'prod': an address in it is a secret, so the preview shows none of its nodes; take that off in the program, pulumi.unsecret(address), or compare two synthesised",
  );
});

test.each([
  ['nothing at all', '', 'it is empty'],
  ['a preview that is cut short', fixture('grow').slice(0, 3000), 'it is no JSON, or cut short'],
  ['an array', '[]', 'it is no preview'],
  ['other JSON', '{"name":"llmos-nodes","version":"0.1.0"}', 'it is JSON, but not that of a preview'],
  ['the state of a stack', '{"version":3,"deployment":{"resources":[]}}', 'it is JSON, but not that of a preview'],
  ['steps that are none', '{"steps":[1]}', 'it is JSON, but not that of a preview'],
  ['a report', JSON.stringify(reportOf('grow')), 'it is a report already'],
])('what is no preview cannot be told: %s', (_, json, rule) => {
  const { kind, message } = problemOf(json);
  expect(kind).toBe('unknown');
  expect(message).toContain(rule);
});

test('a preview that failed for another reason cannot be told, and the first line of the reason is given', () => {
  const diagnostics = [{ severity: 'error', message: 'error: could not decrypt the configuration\n    at Object.<anonymous> (index.ts:3:9)\n' }];
  expect(problemOf(JSON.stringify({ steps: [], diagnostics }))).toEqual({
    kind: 'unknown', message: 'preview: it failed (could not decrypt the configuration); run `pulumi preview`, mend what it says, and make it again',
  });
});

test('warnings are no reason against a change', () => {
  expect(fromPreview(JSON.stringify({ ...JSON.parse(fixture('grow')), diagnostics: [{ severity: 'warning', message: 'old' }] })).refusals).toEqual([]);
});

test('a node that changes without its membership needs --show-sames', () => {
  expect(problemOf(fixture('left-over-without-show-sames')).message).toBe(
    'preview: it removes w2 and the membership of the cluster is not in it: Pulumi leaves out what does not change; make it with `pulumi preview --json --show-sames`, and check the name of the cluster',
  );
});

test('of two clusters in a stack one is named', () => {
  const preview = JSON.parse(fixture('grow'));
  const other = JSON.parse(JSON.stringify(preview.steps.filter(({ urn }: { urn: string }) => urn.includes('Membership'))).replaceAll('"cluster":"prod"', '"cluster":"lab"'));
  const both = JSON.stringify({ ...preview, steps: [...preview.steps, ...other] });
  expect(problemOf(both).message).toBe('preview (prod, lab): a report is about one cluster, and this stack has several; name the cluster you mean');
  expect(fromPreview(both, { cluster: 'lab' }).after!.cluster).toBe('lab');
  expect(problemOf(both, { cluster: 'none' }).message).toContain('preview (none): it changes m4, m5 and the membership of the cluster is not in it');
});
