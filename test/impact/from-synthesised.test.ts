import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { Yaml } from 'cdk8s';

import type { ClusterChart } from '../../src/definition';
import { InputProblem, fromSynthesised, impact } from '../../src/impact';
import { readFlowMapping } from '../../src/impact/node-line';
import { managed, machines, output } from '../definition/definitions';

function synthesised(cluster: ClusterChart): string {
  return Yaml.stringify(...cluster.toJson());
}

function complete(): ClusterChart {
  const cluster = managed(4, { allowEven: 'm5 waits for its spare part' }, { llmosVersion: 'v0.3.1', mirror: 'cn', tlsSans: ['a.example.com', 'b.example.com'], confirmRemoval: ['w9', { name: 'm9', removal: 'unreachable' }] });
  cluster.addWorkerPool('gpu', {
    machines: [
      { name: 'g1', address: output(), internalAddress: '10.0.0.21', zone: 'a', labels: { 'example.com/accelerator': 'h100', spare: 'true' } },
      { name: 'g2', address: '192.0.2.22', taints: [{ key: 'nvidia.com/gpu', value: 'absent', effect: 'NoSchedule' }] },
    ],
    labels: { 'example.com/accelerator': 'h200' },
    taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }, { key: 'example.com/burn-in', effect: 'NoExecute' }],
  });
  return cluster;
}

test('what cdk8s synth renders is read back', () => {
  expect(fromSynthesised(synthesised(complete()))).toEqual({
    cluster: 'prod', kubernetesVersion: 'v1.34.4+k3s1', llmosVersion: 'v0.3.1', allowEven: 'm5 waits for its spare part',
    settings: { registration: 'https://prod.example.com:6443', mirror: 'cn', tlsSans: 'a.example.com, b.example.com' },
    confirmRemoval: [{ name: 'w9' }, { name: 'm9', removal: 'unreachable' }],
    nodes: [
      ...machines(4).map(machine => ({ ...machine, role: 'management', pool: 'management', labels: {}, taints: [] })),
      {
        name: 'g1', role: 'worker', pool: 'gpu', zone: 'a', address: '<known after apply>', internalAddress: '10.0.0.21',
        labels: { 'example.com/accelerator': 'h100', spare: 'true' }, taints: ['nvidia.com/gpu=present:NoSchedule', 'example.com/burn-in:NoExecute'],
      },
      {
        name: 'g2', role: 'worker', pool: 'gpu', address: '192.0.2.22', labels: { 'example.com/accelerator': 'h200' },
        taints: ['example.com/burn-in:NoExecute', 'nvidia.com/gpu=absent:NoSchedule'],
      },
    ],
  });
});

test('a definition that did not change makes a report in which nothing changes', () => {
  const [before, after] = [synthesised(complete()), synthesised(complete())].map(text => fromSynthesised(text));
  expect(impact(before, after)).toMatchObject({ verdict: 'unchanged', otherChanges: [], steps: [] });
});

test('nodes stay in the order of the definition even where names are numbers', () => {
  const names = ['20', '3', '100'];
  const cluster = managed(3, { machines: names.map(name => ({ name, address: `n${name}` })) });
  expect(fromSynthesised(synthesised(cluster)).nodes.map(({ name }) => name)).toEqual(names);
});

test('a manifest that somebody formatted anew says the same', () => {
  const text = synthesised(complete());
  const manifests = text.split(/^---$/m).map(part => parse(part));
  const anew = manifests.map(manifest => stringify(manifest.data?.['membership.yaml'] === undefined ? manifest : {
    ...manifest, data: { 'membership.yaml': stringify(parse(manifest.data['membership.yaml'])) },
  })).join('---\n');
  expect(fromSynthesised(anew)).toEqual(fromSynthesised(text));
});

test('a line of a node reads as the yaml package reads it, or not at all', () => {
  const scalar = fc.oneof(fc.string(), fc.constantFrom('true', '1', 'a: b', '- a', 'a #b', "it's", '"', 'x,y', '[', '<known after apply>', '10.0.0.1', 'fe80::1'));
  const node = fc.record({ zone: scalar, labels: fc.dictionary(scalar, scalar, { maxKeys: 3 }), taints: fc.array(scalar, { maxLength: 3 }) });
  fc.assert(fc.property(node, value => {
    const [line] = stringify({ node: value }, { collectionStyle: 'flow', lineWidth: 0 }).trim().split('\n').length === 1
      ? [stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()] : ['{}'];
    const read = readFlowMapping(line!);
    if (read !== undefined) expect(read).toEqual(parse(line!));
  }), { numRuns: 500 });
});

test.each(['{ zone: *other }', '{ zone: &a b }', '{ zone: !!str 1 }', '{ zone: # no }', '{ zone: a'])('what has a meaning of its own in YAML is left to the yaml package: %s', line => {
  expect(readFlowMapping(line)).toBeUndefined();
});

test('the lines that are rendered are read without the yaml package', () => {
  expect(readFlowMapping('{ zone: a, address: <known after apply>, internalAddress: fe80::1, labels: { example.com/a: h100, spare: "true" }, taints: [ example.com/b:NoExecute ] }')).toEqual({
    zone: 'a', address: '<known after apply>', internalAddress: 'fe80::1', labels: { 'example.com/a': 'h100', spare: 'true' }, taints: ['example.com/b:NoExecute'],
  });
});

test.each([
  ['nothing at all', '', 'unknown', "no ConfigMap 'llmos-membership' with a membership is in it"],
  ['another manifest', 'kind: ConfigMap\nmetadata: { name: other }\n', 'unknown', "no ConfigMap 'llmos-membership' with a membership is in it"],
  ['a manifest that is cut short', `${synthesised(complete()).slice(0, 300)}\n  "`, 'unknown', 'it cannot be read as YAML'],
  ['two clusters', `${synthesised(managed(3))}---\n${synthesised(managed(3))}`, 'unknown', 'a report is about one cluster'],
  ['a membership without pools', membershipManifest('cluster: prod\n'), 'invalid', 'a membership has the name of its cluster and its pools'],
  ['a role nobody knows', membershipManifest('cluster: prod\npools:\n  a:\n    role: king\n'), 'invalid', "pool 'a' of head.yaml (king): its role is management or worker"],
  ['a membership that is no YAML', membershipManifest('cluster: [\n'), 'unknown', 'it cannot be read as YAML'],
  ['a confirmation nobody knows', membershipManifest('cluster: prod\nconfirmRemoval: [ { name: m1, removal: burn } ]\npools:\n  a: { role: worker }\n'), 'invalid', 'removal: burn'],
])('what cannot be read is said in one line: %s', (_, text, kind, rule) => {
  expect.assertions(4);
  try {
    fromSynthesised(text, 'head.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(InputProblem);
    expect((error as InputProblem).kind).toBe(kind);
    expect((error as InputProblem).message).toContain(rule);
    expect((error as InputProblem).stack).not.toContain('\n');
  }
});

function membershipManifest(membership: string): string {
  return stringify({ kind: 'ConfigMap', metadata: { name: 'llmos-membership' }, data: { 'membership.yaml': membership } });
}
