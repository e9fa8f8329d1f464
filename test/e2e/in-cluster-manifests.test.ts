import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { parseAllDocuments } from 'yaml';

import { configMapFiles, example, readManifest, type StackManifest } from './in-cluster-workspace';

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'in-cluster.md'), 'utf8');
const { spec } = readManifest<StackManifest>('stack.yaml');
const { env, podTemplate } = spec.workspaceTemplate.spec;
const [pulumi] = podTemplate.spec.containers;
const mountOf = (name: string) => pulumi!.volumeMounts.find(mount => mount.name === name)!.mountPath;

test('the first pulumi on the PATH of a workspace is the gate, and it may be executed', () => {
  expect(env.find(({ name }) => name === 'PATH')!.value.split(':')[0]).toBe(mountOf('gate'));
  const [{ key, path }] = configMapFiles('gate') as [{ key: string; path: string }];
  expect(key).toBe('pulumi');
  expect(statSync(path).mode & 0o111).toBe(0o111);
});

test('whatever becomes of the Stack object, no cluster is destroyed and nothing runs without a commit', () => {
  expect(spec).toMatchObject({ destroyOnFinalize: false, continueResyncOnCommitMatch: false, workspaceReclaimPolicy: 'Delete' });
  expect(spec).not.toHaveProperty('preview');
});

test('every file that the environment names is mounted, and the page says how each key of the Secret is made', () => {
  const secrets = mountOf('secrets');
  const named = JSON.stringify(env).match(/\/run\/llmos-nodes\/[\w/-]+/g)!.filter(path => path !== mountOf('gate'));
  expect(named.filter(path => !path.startsWith(`${secrets}/`))).toEqual([]);
  const keys = named.map(path => path.slice(secrets.length + 1));
  expect(keys.sort()).toEqual(['passphrase', 's3-credentials']);
  for (const key of [...keys, 'id_ed25519']) expect(page).toMatch(new RegExp(`--from-file=${key}\\b`));
});

test('what SSH looks for in its folder is in the folder of the same name of the workspace', () => {
  const { projected } = podTemplate.spec.volumes.find(({ name }) => name === 'ssh')!;
  expect(mountOf('ssh')).toBe('/home/pulumi/.ssh');
  expect(projected!.sources.flatMap(({ secret, configMap }) => [...secret?.items.map(({ path }) => path) ?? [], ...configMap ? configMapFiles(configMap.name).map(({ key }) => key) : []])).toEqual(['id_ed25519', 'known_hosts']);
});

test('every volume that is mounted is declared', () => {
  expect(podTemplate.spec.volumes.map(({ name }) => name).sort()).toEqual(pulumi!.volumeMounts.map(({ name }) => name).sort());
});

test("the workspace's account may ask who calls it, and nothing else", () => {
  const objects = parseAllDocuments(readFileSync(join(example, 'operator', 'service-account.yaml'), 'utf8')).map(document => document.toJS() as Record<string, unknown>);
  expect(objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'ClusterRoleBinding']);
  expect(objects[0]).toMatchObject({ metadata: { name: spec.serviceAccountName } });
  expect(objects[1]).toMatchObject({ roleRef: { name: 'system:auth-delegator' }, subjects: [{ name: spec.serviceAccountName }] });
});
