import { readdirSync } from 'node:fs';
import { readFirstScript, writeFileScript } from '../../../src/llmos/host-scripts/files';
import { FakeHost } from './fake-host';

describe('files on a host', () => {
  let host: FakeHost;

  beforeEach(() => (host = new FakeHost()));
  afterEach(() => host.remove());

  test('are written for root alone, whole, with nothing left beside them', async () => {
    const write = (text: string) => host.run(writeFileScript('/etc/llmos/config.yaml'), text);
    expect((await write('token: one\n')).code).toBe(0);
    host.write('etc/llmos/config.yaml', 'open to all', 0o644);
    expect((await write('token: two\n')).code).toBe(0);
    expect(host.read('etc/llmos/config.yaml')).toBe('token: two\n');
    expect(host.mode('etc/llmos/config.yaml')).toBe('600');
    expect(host.mode('etc/llmos')).toBe('700');
    expect(readdirSync(host.file('etc/llmos'))).toEqual(['config.yaml']);
  });

  test('that cannot be written leave the old one as it was', async () => {
    host.write('etc/llmos/config.yaml', 'token: one\n', 0o600);
    host.standIn('sync', 'exit 1');
    expect((await host.run(writeFileScript('/etc/llmos/config.yaml'), 'token: two\n')).code).not.toBe(0);
    expect(host.read('etc/llmos/config.yaml')).toBe('token: one\n');
    expect(readdirSync(host.file('etc/llmos'))).toEqual(['config.yaml']);
  });

  test('are read from the first place that has something', async () => {
    host.write('etc/llmos/empty', '');
    host.write('etc/rancher/k3s/k3s.yaml', 'kind: Config\n');
    expect(await host.run(readFirstScript(['/etc/llmos/none', '/etc/llmos/empty', '/etc/rancher/k3s/k3s.yaml']))).toMatchObject({ code: 0, stdout: 'kind: Config\n' });
    expect(await host.run(readFirstScript(['/etc/llmos/none']))).toMatchObject({ code: 1, stdout: '' });
  });
});
