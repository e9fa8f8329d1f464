import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { parseAllDocuments } from 'yaml';

import { openRehearsal } from '../../src/adapters/rehearsal';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(120_000);

const root = join(__dirname, '..', '..');
const run = promisify(execFile);

/** Where cdk8s.yaml and Pulumi.yaml are, and the nodes that `pulumi up` makes of the definition. */
const examples = [
  ['quickstart', root, ['m1 management', 'w1 worker', 'w2 worker']],
  ['high-availability', join(root, 'examples', 'high-availability'), ['gpu-a1 worker', 'gpu-b1 worker', 'gpu-c1 worker', 'm1 management', 'm2 management', 'm3 management']],
  ['cloud-machines', join(root, 'examples', 'cloud-machines'), ['m1 management', 'm2 management', 'm3 management', 'w1 worker', 'w2 worker', 'w3 worker']],
] as const;

describe('cdk8s synth', () => {
  test.each(examples)('renders the membership of %s for review', async (name, folder, nodes) => {
    const output = mkdtempSync(join(tmpdir(), 'llmos-nodes-synth-'));
    try {
      await run(join(root, 'node_modules', '.bin', 'cdk8s'), ['synth', '--output', output], { cwd: folder, env: { ...process.env, CDK8S_CHECK_UPGRADE: 'false' } });
      const objects = parseAllDocuments(readFileSync(join(output, `${name}.k8s.yaml`), 'utf8')).map(document => document.toJS() as { kind: string });
      expect(objects.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['ConfigMap', 'ValidatingAdmissionPolicy', 'ServiceAccount']));
      const text = JSON.stringify(objects);
      for (const node of nodes) expect(text).toContain(node.split(' ')[0]);
    } finally {
      rmSync(output, { recursive: true, force: true });
    }
  });
});

describeWithEngine('pulumi, rehearsed', () => {
  test.each(examples)('previews %s and carries it out', async (_, folder, nodes) => {
    const stack = await Stack.create(undefined, folder);
    try {
      // Without --skip-preview it does both.
      const { code, text } = await stack.pulumi('up', '--yes', ...stack.configFlag);
      expect({ code, text }).toMatchObject({ code: 0 });
      expect((await openRehearsal(stack.rehearsal).api().nodes()).map(node => `${node.name} ${node.role}`).sort()).toEqual(nodes);
    } finally {
      stack.dispose();
    }
  });
});
