import { ALLOW_RESTART_SCRIPT, BLOCK_RESTART_SCRIPT, STOP_RUNTIME_SCRIPT } from '../../../src/llmos/host-scripts/restart-block';
import { FakeHost } from './fake-host';

const DROP_IN = 'etc/systemd/system/k3s.service.d/90-llmos-nodes-removed.conf';

describe('the restart block', () => {
  let host: FakeHost;

  beforeEach(() => {
    host = new FakeHost();
    host.unit('llmos.service', { ActiveState: 'inactive' });
    host.unit('k3s.service');
  });
  afterEach(() => host.remove());

  const block = async () => {
    const { code, stderr } = await host.run(BLOCK_RESTART_SCRIPT);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  };

  test('disables the runtime without stopping it, and keeps it from starting while the marker is there', async () => {
    await block();
    expect(host.asked).toEqual(['daemon-reload', 'stop llmos.service', 'disable llmos.service', 'disable k3s.service']);
    expect(host.read(DROP_IN)).toBe(`[Unit]\nConditionPathExists=!${host.root}/etc/llmos-nodes/removed\n\n[Service]\nRestart=no\n`);
    expect(host.has('etc/llmos-nodes/removed')).toBe(true);
  });

  test('also covers units that are not there yet, so that a bootstrap that was missed starts nothing', async () => {
    await block();
    expect(host.has('etc/systemd/system/rke2-server.service.d/90-llmos-nodes-removed.conf')).toBe(true);
  });

  test('is in place before the bootstrap is stopped', async () => {
    host.standIn('systemctl', `[ "$1" = stop ] && { test -e '${host.file(DROP_IN)}' && echo in place >'${host.file('order')}'; }; [ "$1" = show ] && echo LoadState=loaded; exit 0`);
    await block();
    expect(host.read('order')).toBe('in place\n');
  });

  test('can be set twice without forgetting what was enabled', async () => {
    await block();
    await block();
    expect(host.read('etc/llmos-nodes/removed')).toBe('enabled=llmos.service\nenabled=k3s.service\n');
  });

  test('taken back leaves nothing of it and enables exactly what was enabled', async () => {
    host.unit('k3s-agent.service', {}, false);
    await block();
    expect((await host.run(ALLOW_RESTART_SCRIPT)).code).toBe(0);
    expect(host.asked.slice(-3)).toEqual(['enable llmos.service', 'enable k3s.service', 'start --no-block k3s.service']);
    expect(host.has('etc/systemd/system/k3s.service.d')).toBe(false);
    expect(host.has('etc/llmos-nodes')).toBe(false);
  });

  test('taken back starts a bootstrap again that it had ended', async () => {
    host.unit('llmos.service', { ActiveState: 'activating' });
    await block();
    await host.run(ALLOW_RESTART_SCRIPT);
    expect(host.asked.at(-1)).toBe('start --no-block llmos.service');
  });

  test('takes a queued bootstrap for a running one', async () => {
    host.unit('llmos.service', { ActiveState: 'inactive', Job: '1234' });
    await block();
    expect(host.read('etc/llmos-nodes/removed')).toMatch(/running=true/);
  });

  test('that was never set is no error to take back, and changes nothing', async () => {
    expect((await host.run(ALLOW_RESTART_SCRIPT)).code).toBe(0);
    expect(host.asked).toEqual([]);
  });

  test('leaves a drop-in of the administrator alone', async () => {
    host.write('etc/systemd/system/k3s.service.d/10-limits.conf', '[Service]\n');
    await block();
    await host.run(ALLOW_RESTART_SCRIPT);
    expect(host.has('etc/systemd/system/k3s.service.d/10-limits.conf')).toBe(true);
  });

  test('stopping stops the units that are there', async () => {
    expect((await host.run(STOP_RUNTIME_SCRIPT)).code).toBe(0);
    expect(host.asked).toEqual(['stop k3s.service']);
  });
});
