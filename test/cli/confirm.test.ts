import { confirmCommand, confirmRemoval } from '../../src/cli/confirm-command';
import type { ConfirmedRemoval } from '../../src/llmos/removal';

const m3 = { name: 'm3' };

function stack(...confirmedAlready: ConfirmedRemoval[]) {
  const confirmed = [...confirmedAlready];
  return {
    written: confirmed,
    nodes: async () => [{ name: 'm1', role: 'management', cluster: 'prod' }, { name: 'm3', role: 'management', cluster: 'prod' }],
    confirmed: async () => confirmed,
    confirm: async (removal: ConfirmedRemoval) => { confirmed.push(removal); },
  };
}

const typing = (text: string) => async () => text;

test('typing the name confirms the removal', async () => {
  const prod = stack();
  await expect(confirmRemoval(m3, prod, typing('m3'))).resolves.toContain("'m3' may be removed");
  expect(prod.written).toEqual([m3]);
});

test('typing anything else confirms nothing', async () => {
  const prod = stack();
  for (const typed of ['', 'y', 'yes', 'm1', 'M3']) await expect(confirmRemoval(m3, prod, typing(typed))).rejects.toThrow("it is not 'm3', so nothing is confirmed");
  expect(prod.written).toEqual([]);
});

test('the question says which node of which cluster it is about', async () => {
  const asked: string[] = [];
  await confirmRemoval(m3, stack(), async message => { asked.push(message); return 'm3'; });
  expect(asked).toEqual(["Type the name of the management node of cluster 'prod' whose removal you confirm:"]);
});

test('a node that the stack does not have cannot be confirmed, and those it has are named', async () => {
  await expect(confirmRemoval({ name: 'm9' }, stack(), typing('m9'))).rejects.toThrow('node (m9): the stack has no node of that name (it has m1, m3)');
});

test('a removal that is confirmed already is not asked for again', async () => {
  const prod = stack(m3);
  await expect(confirmRemoval(m3, prod, () => { throw new Error('asked'); })).resolves.toContain('confirmed already');
  expect(prod.written).toEqual([m3]);
});

test('a removal that was confirmed in another way is asked for again', async () => {
  const prod = stack(m3);
  await expect(confirmRemoval({ name: 'm3', removal: 'unreachable', drain: 'force' }, prod, typing('m3'))).resolves.toContain("'m3' may be removed");
  expect(prod.written.at(-1)).toEqual({ name: 'm3', removal: 'unreachable', drain: 'force' });
});

test('a machine is either gone or reinstalled', async () => {
  const command = confirmCommand().exitOverride().configureOutput({ writeErr: () => undefined });
  await expect(command.parseAsync(['m3', '--unreachable', '--reinstall'], { from: 'user' })).rejects.toThrow(/cannot be used with option '--reinstall'/);
});
