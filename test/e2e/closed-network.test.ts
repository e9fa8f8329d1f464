import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(120_000);

const PASSWORD = 'THE-REGISTRY-PASSWORD';

describeWithEngine('a closed network, rehearsed', () => {
  let stack: Stack;
  beforeAll(async () => { stack = await Stack.create(); });
  afterAll(() => stack.dispose());

  const declare = (binary: { readonly path: string; readonly sha256?: string }) => stack.declare({
    management: { machines: management(1) }, workers: workers(1),
    args: { installer: { binary }, registries: { configs: { 'registry.example.com': { auth: { password: PASSWORD } } } } },
  });

  test('files that are missing or others than expected fail the preview', async () => {
    declare({ path: join(stack.folder, 'llmos'), sha256: '0'.repeat(64) });
    const missing = await stack.preview();
    expect(missing.code).not.toBe(0);
    expect(missing.text).toMatch(/installer binary \(.*llmos\): it cannot be read \(ENOENT\)/);
    writeFileSync(join(stack.folder, 'llmos'), 'llmos');
    expect((await stack.preview()).text).toMatch(/its sha256 is [0-9a-f]{64} where 0{64} is expected/);
  });

  test("the registries' password is secret in the state and shown nowhere", async () => {
    declare({ path: join(stack.folder, 'llmos') });
    const { code, text } = await stack.up();
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toContain('laying files ready');
    expect(text).not.toContain(PASSWORD);
    // The definition of this test is plain configuration, which the engine keeps with its providers; what counts is ours.
    const ours = async () => JSON.stringify((await stack.resources()).filter(({ type }) => type.includes('llmos:')));
    expect(await ours()).not.toContain(PASSWORD);
    await stack.refresh();
    expect(await ours()).not.toContain(PASSWORD);
  });
});
