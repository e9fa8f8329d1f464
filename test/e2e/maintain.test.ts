import type { MachineProps } from '../../src';
import { openRehearsal } from '../../src/adapters/rehearsal';
import { management, workers } from './machines';
import { Stack, describeWithEngine } from './stack';

jest.setTimeout(180_000);

/** One cluster; the tests follow each other. */
describeWithEngine('a node is taken out of service and comes back, on the real engine, rehearsed', () => {
  let stack: Stack;
  const [m1, m2, m3] = management(3) as [MachineProps, MachineProps, MachineProps];

  const scene = () => openRehearsal(stack.rehearsal);
  const maintain = (...args: string[]) => stack.llmosNodes('maintain', ...args);
  const cordoned = async () => (await scene().api().nodes()).filter(({ unschedulable }) => unschedulable).map(({ name }) => name);
  const leads = (machine: MachineProps) => scene().machine({ name: machine.name, address: String(machine.address) }).leads();

  async function succeeds(outcome: ReturnType<Stack['up']>): Promise<string> {
    const { code, text } = await outcome;
    expect({ code, text }).toMatchObject({ code: 0 });
    return text;
  }

  beforeAll(async () => {
    stack = await Stack.create();
    stack.declare({ management: { machines: [m1, m2, m3] }, workers: workers(2) });
    await succeeds(stack.up());
  });
  afterAll(() => stack.dispose());

  test('the machine that leads etcd is rebooted: the quorum is said before anything is done, the lead goes to another, the node is back', async () => {
    expect(await leads(m1)).toBe(true);
    const text = await succeeds(maintain('m1', '--reboot'));
    const said = ['while m1 is away, 2 of 3 voters answer, majority 2: no further failure is tolerated', 'emptying the node', 'leads etcd now', 'm1 restarts', 'letting pods back', "'m1' is back in service."];
    const places = said.map(part => text.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(await leads(m1)).toBe(false);
    expect(await cordoned()).toEqual([]);
  });

  test('left to a person it stays out of service, and says how it comes back', async () => {
    const text = await succeeds(maintain('m2'));
    expect(text).toContain("'m2' is out of service. While it is away 2 of 3 voters answer, majority 2: no further failure is tolerated.");
    expect(text).toContain('llmos-nodes maintain m2 --end');
    expect(await cordoned()).toEqual(['m2']);
  });

  test('until then no other management node is touched, by nobody', async () => {
    const { code, text } = await maintain('m3');
    expect(code).toBe(1);
    expect(text).toMatch(/management node 'm2' \(.+ took it out of service at .+\): it may go away at any moment.*bring it back first: llmos-nodes maintain m2 --end/);
    stack.set('llmos:confirmRemoval', ['m2', 'm3']);
    stack.declare({ management: { machines: [m1] }, workers: workers(2) });
    const up = await stack.up();
    expect(up.code).not.toBe(0);
    expect(up.text).toMatch(/management node 'm2' \(.+ took it out of service/);
    stack.set('llmos:confirmRemoval', []);
    stack.declare({ management: { machines: [m1, m2, m3] }, workers: workers(2) });
    expect((await scene().api().nodes()).map(({ name }) => name)).toEqual(expect.arrayContaining(['m1', 'm2', 'm3']));
  });

  test('--end brings it back, and ends the same where it is back already', async () => {
    await scene().reboot('m2');
    await succeeds(maintain('m2', '--end'));
    expect(await cordoned()).toEqual([]);
    await succeeds(maintain('m2', '--end'));
    await succeeds(stack.up());
  });

  test('with another management node away it is refused, and nothing is touched', async () => {
    await scene().kill('m3');
    const { code, text } = await maintain('m2', '--reboot');
    expect(code).toBe(1);
    expect(text).toMatch(/but m3 is away already; repair or remove m3 first/);
    expect(await cordoned()).toEqual([]);
    await scene().revive('m3');
  });

  test('a cordon that a person had put on a worker is there afterwards', async () => {
    await scene().cordon('w1');
    expect(await succeeds(maintain('w1', '--reboot'))).toContain('kubectl uncordon w1');
    expect(await cordoned()).toEqual(['w1']);
  });
});
