import { createHash } from 'node:crypto';
import { INSTALL_EXIT, installCommand } from '../../src/llmos/install';
import { FakeHost } from './host-scripts/fake-host';

const SCRIPT = `echo "$INSTALL_LLMOS_VERSION|$INSTALL_LLMOS_FORCE_RESTART|$INSTALL_LLMOS_MIRROR|$(stat -c %a "$(dirname "$0")")|$0"`;
const SHA256 = createHash('sha256').update(SCRIPT).digest('hex');

describe('the install command', () => {
  let host: FakeHost;

  beforeEach(() => (host = new FakeHost()));
  afterEach(() => host.remove());

  test('reads well', () => {
    expect(installCommand({ source: { url: 'https://get.example.com/install.sh?a=b&c' }, version: 'v0.3.1', sha256: SHA256.toUpperCase(), environment: { INSTALL_LLMOS_SKIP_DOWNLOAD: 'true' } })).toMatchSnapshot();
  });

  test('runs an uploaded script with its settings, in a folder of its own that is gone afterwards', async () => {
    const environment = { INSTALL_LLMOS_MIRROR: "it's $HOME; `true`" };
    const { code, stdout } = await host.run(installCommand({ source: 'upload', version: 'v0.3.1', sha256: SHA256, environment }), SCRIPT);
    const [version, restart, mirror, mode, path] = stdout.trim().split('|');
    expect({ code, version, restart, mirror, mode }).toEqual({ code: 0, version: 'v0.3.1', restart: 'true', mirror: "it's $HOME; `true`", mode: '700' });
    expect((await host.run(`test -e '${path}'`)).code).toBe(1);
  });

  test('downloads no binary where one was uploaded', () => {
    expect(installCommand({ source: 'upload', hasBinary: true })).toContain("INSTALL_LLMOS_SKIP_DOWNLOAD=true");
    expect(installCommand({ source: 'upload' })).not.toContain('SKIP_DOWNLOAD');
  });

  test('does not run a script with another checksum, and says which it has', async () => {
    const { code, stdout, stderr } = await host.run(installCommand({ source: 'upload', sha256: '0'.repeat(64) }), SCRIPT);
    expect({ code, stdout, stderr }).toEqual({ code: INSTALL_EXIT.checksumDiffers, stdout: '', stderr: `${SHA256}\n` });
  });

  test('does not run what could not be downloaded', async () => {
    const { code, stdout } = await host.run(installCommand({ source: { url: 'http://127.0.0.1:1/install.sh' } }));
    expect({ code, stdout }).toEqual({ code: INSTALL_EXIT.downloadFailed, stdout: '' });
  });

  test('ends with the status of the script', async () => {
    expect((await host.run(installCommand({ source: 'upload' }), 'exit 3')).code).toBe(3);
  });

  test.each([
    ['a version without v', { version: '0.3.1' }, /releases start with v/],
    ['a short checksum', { sha256: 'abc' }, /64 hexadecimal digits/],
    ['a variable that is none', { environment: { 'A B': 'x' } }, /no name of a variable/],
    ['a token in the environment', { environment: { LLMOS_TOKEN: 'x' } }, /no place for a secret/],
  ])('refuses %s', (_what, props, message) => {
    expect(() => installCommand({ source: 'upload', ...props })).toThrow(message);
  });
});
