import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { openRehearsal } from '../../src/adapters/rehearsal';
import { EXIT_CODES } from '../../src/impact';
import { Deadline } from '../../src/membership/deadline';
import { Bucket } from './in-cluster-bucket';
import { Workspace, example, readManifest, type Pod, type Run, type StackManifest } from './in-cluster-workspace';
import { describeWithEngine, finished } from './stack';

jest.setTimeout(300_000);

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'in-cluster.md'), 'utf8');
const stack = readManifest<StackManifest>('stack.yaml').spec;

const server = s3Server();
const describeWithBucket = server === undefined ? describe.skip : describeWithEngine;

/** One cluster that is changed by commits. Each test begins where the one before ended. */
describeWithBucket('a stack that is run from git with its state in a bucket, on the real engine, rehearsed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-in-cluster-'));
  const rehearsal = join(folder, 'rehearsal');
  const repository = join(folder, 'clusters');
  const git = (...args: string[]) => execFileSync('git', ['-C', repository, '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], { encoding: 'utf8' });
  let bucket: Bucket;
  let workspace: Workspace;
  let pod: Pod;
  /** A run that hangs in the middle of a join. */
  let lost: Run;

  beforeAll(async () => {
    bucket = await Bucket.start(server!, new URL(stack.backend).host);
    mkdirSync(repository);
    git('init', '--quiet', '--initial-branch', stack.branch);
    cpSync(example, join(repository, stack.repoDir), { recursive: true, filter: path => basename(path) !== 'node_modules' });
    workspace = new Workspace({
      folder, repository, endpoint: bucket.endpoint,
      secrets: { passphrase: 'test', 's3-credentials': '[default]\naws_access_key_id = test\naws_secret_access_key = test\n' },
    });
  });

  afterAll(async () => {
    await bucket.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a person pushes to the branch the operator follows. */
  function push(message: string, change: { readonly count: number; readonly confirmed?: readonly string[] }): void {
    const project = join(repository, stack.repoDir);
    const definition = join(project, 'cluster.ts');
    writeFileSync(definition, readFileSync(definition, 'utf8').replace(/count: \d/, `count: ${change.count}`));
    const config = { 'llmos:rehearsal': rehearsal, ...(change.confirmed && { 'llmos:confirmRemoval': change.confirmed }) };
    writeFileSync(join(project, `Pulumi.${stack.stack}.yaml`), JSON.stringify({ config }));
    git('add', '--all');
    git('commit', '--quiet', '--message', message);
  }

  const nodes = async () => (await openRehearsal(rehearsal).api().nodes()).map(({ name }) => name).sort();
  const locks = async () => (await bucket.objects('.pulumi/locks/')).map(({ key }) => key);
  /** The state, and one object for each run that was begun. */
  const kept = async () => [...await bucket.objects('.pulumi/stacks/'), ...await bucket.objects('.pulumi/history/')];

  test('the first commit makes the cluster, with its state in the bucket and no lock left', async () => {
    push('five management nodes', { count: 5 });
    pod = await workspace.pod();
    const { code, text } = await pod.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(await nodes()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'w1', 'w2']);
    expect((await kept()).map(({ key }) => key)).toContain(`.pulumi/stacks/in-cluster/${stack.stack}.json`);
    expect(await locks()).toEqual([]);
  });

  test('a removal that somebody pushed and nobody confirmed stops at the gate: the report says why, and no run is begun', async () => {
    push('three are enough', { count: 3 });
    pod = await workspace.pod();
    const before = await kept();
    const { code, text } = await pod.up();
    expect({ code, text }).toMatchObject({ code: EXIT_CODES.unconfirmed });
    expect(text).toContain('NOT CONFIRMED');
    expect(text).toMatch(/m4, m5/);
    expect(await kept()).toEqual(before);
    expect(await nodes()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'w1', 'w2']);
  });

  test('without the gate, the run itself would have refused', async () => {
    const [gate, ...others] = workspace.path;
    expect(gate).toContain(folder);
    const { code, text } = await finished(pod.startUp({ PATH: others.join(':') }));
    expect(code).not.toBe(0);
    expect(text).toContain('a node is removed only when its name was confirmed');
    expect(await nodes()).toHaveLength(7);
    expect(await locks()).toEqual([]);
  });

  test('with the removal confirmed in the same commit it goes through', async () => {
    push('three are enough', { count: 3, confirmed: ['m4', 'm5'] });
    pod = await workspace.pod();
    const { code, text } = await pod.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toContain('LOWERED');
    expect(await nodes()).toEqual(['m1', 'm2', 'm3', 'w1', 'w2']);
  });

  test('a change that the members do not allow as they are now is refused, and the retry goes on once they are well', async () => {
    await openRehearsal(rehearsal).kill('m2');
    push('five again', { count: 5 });
    pod = await workspace.pod();
    const before = await kept();
    const { code, text } = await pod.up();
    expect({ code, text }).toMatchObject({ code: EXIT_CODES.unsafe });
    expect(await kept()).toEqual(before);

    await openRehearsal(rehearsal).revive('m2');
    await openRehearsal(rehearsal).api().waitForNode('m2', node => (node?.ready ? { done: true } : { done: false, reason: 'it does not start again' }), new Deadline(20));
    lost = pod.startUp(hangAt('m4 joining', 12));
    await hanging(lost);
  });

  test('a workspace whose node lost its power leaves a lock in the bucket; what the page says clears it, and the change is carried on', async () => {
    await pod.lose(lost);
    expect(await locks()).toHaveLength(1);

    pod = await workspace.pod();
    const refused = await pod.up();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain('the stack is currently locked by 1 lock(s)');
    expect((await nodes()).filter(name => name === 'm5')).toEqual([]);

    const [, remedy] = /kubectl .* exec \S+ -c pulumi -- pulumi (.*)/.exec(page)!;
    expect((await pod.pulumi(...remedy!.split(' '))).code).toBe(0);
    expect(await locks()).toEqual([]);
    const { code, text } = await pod.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(await nodes()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'w1', 'w2']);
    expect(await locks()).toEqual([]);
  });

  /** Makes the run hang right before a step: see hang-at-step.js. */
  function hangAt(change: string, after: number): NodeJS.ProcessEnv {
    return {
      NODE_OPTIONS: `--require ${join(__dirname, 'hang-at-step.js')}`, LLMOS_E2E_HANG: change, LLMOS_E2E_HANG_AFTER: String(after), LLMOS_E2E_HUNG: join(folder, 'hung'),
    };
  }

  async function hanging(run: Run): Promise<void> {
    const ended = finished(run);
    await new Promise<void>((resolve, reject) => {
      run.stdout!.on('data', () => { if (/m4 joining +1[3-9]\//.test(run.text())) resolve(); });
      ended.then(({ text }) => reject(new Error(text)), reject);
    });
  }
});

/** The path of the S3 server; undefined where none can be had, which skips what needs one. */
function s3Server(): string | undefined {
  try {
    return execFileSync(process.execPath, [join(__dirname, '..', '..', 'scripts', 's3-server.mjs')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (error) {
    console.warn((error as { stderr?: string }).stderr ?? error);
    return undefined;
  }
}
