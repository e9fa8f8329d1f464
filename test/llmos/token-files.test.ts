import { parse } from 'yaml';
import { TOKEN_FILES } from '../../src/llmos/token-files';

const rewrite = (path: string, content: string, token = 'new') => TOKEN_FILES.find(file => file.path === path)!.withToken(content, token);
const K3S_CONFIG = '/etc/rancher/k3s/config.yaml.d/40-llmos.yaml';
const AGENT = '/etc/systemd/system/k3s-agent.service.env';

describe('the files that hold the join token', () => {
  test('are each named once, and the runtime is restarted for its own alone', () => {
    const paths = TOKEN_FILES.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(TOKEN_FILES.filter(({ runtime }) => runtime).map(({ path }) => path)).toEqual([
      K3S_CONFIG,
      '/etc/rancher/rke2/config.yaml.d/40-llmos.yaml',
      '/etc/systemd/system/k3s.service.env',
      AGENT,
      '/etc/systemd/system/rke2-server.service.env',
      '/etc/systemd/system/rke2-agent.service.env',
      '/usr/local/lib/systemd/system/rke2-server.env',
      '/usr/local/lib/systemd/system/rke2-agent.env',
    ]);
  });

  test('of LLMOS get the new one and keep everything else, comments included', () => {
    expect(rewrite('/etc/llmos/config.yaml', '# by hand\nrole: server\ntoken: old # secret\nlabels:\n  - a=b\n')).toBe('# by hand\nrole: server\ntoken: new # secret\nlabels:\n  - a=b\n');
  });

  test('of a first node get one where they had none', () => {
    expect(parse(rewrite('/etc/llmos/config.yaml', 'role: cluster-init\n'))).toEqual({ role: 'cluster-init', token: 'new' });
    expect(parse(rewrite(K3S_CONFIG, '{"cluster-init":"true"}'))).toEqual({ 'cluster-init': 'true', 'token': 'new' });
  });

  test('that only record what was done get none where they had none', () => {
    expect(rewrite('/var/lib/llmos/bootstrapped', 'role: cluster-init\n')).toBe('role: cluster-init\n');
    expect(rewrite('/var/lib/llmos/working', 'role: agent\ntoken: old\n')).toBe('role: agent\ntoken: new\n');
    expect(rewrite('/var/lib/llmos/working', '')).toBe('');
  });

  test('keep the full form with its hash of the authority', () => {
    expect(rewrite(K3S_CONFIG, 'token: K10abc123::server:old\n')).toBe('token: K10abc123::server:new\n');
    expect(rewrite(AGENT, 'K3S_TOKEN=K10abc123::node:old\n')).toBe('K3S_TOKEN=K10abc123::node:new\n');
    expect(rewrite('/var/lib/llmos/token', 'K10abc123::server:old\n')).toBe('K10abc123::server:new\n');
    expect(rewrite(K3S_CONFIG, 'token: old\n', 'K10abc123::server:new')).toBe('token: K10abc123::server:new\n');
  });

  test('that are environments keep their other lines and their quotes', () => {
    expect(rewrite(AGENT, "K3S_URL=https://10.0.0.1:6443\nK3S_TOKEN='old'\nHTTP_PROXY=\"x\"\n")).toBe("K3S_URL=https://10.0.0.1:6443\nK3S_TOKEN='new'\nHTTP_PROXY=\"x\"\n");
    expect(rewrite('/etc/systemd/system/llmos.service.env', 'LLMOS_TOKEN=old\nLLMOS_ROLE=agent')).toBe('LLMOS_TOKEN=new\nLLMOS_ROLE=agent');
    expect(rewrite('/usr/local/lib/systemd/system/rke2-agent.env', 'RKE2_TOKEN="old"')).toBe('RKE2_TOKEN="new"');
    expect(rewrite(AGENT, 'K3S_TOKEN_FILE=/x\n')).toBe('K3S_TOKEN_FILE=/x\n');
  });

  test('stay byte for byte as they are when the token is in them already', () => {
    for (const { path, withToken } of TOKEN_FILES) {
      const content = path.endsWith('.env') ? "K3S_TOKEN='new'\n" : path === '/var/lib/llmos/token' ? 'new\n' : "token:   'new'  # here\nrole: server\n";
      expect(withToken(content, 'new')).toBe(content);
    }
  });

  test('hold a token of digits as text', () => {
    expect(parse(rewrite(K3S_CONFIG, 'token: old\n', '12345678901234567890123456789012'))).toEqual({ token: '12345678901234567890123456789012' });
    expect(parse(rewrite(K3S_CONFIG, 'token: old\n', '123e4567'))).toEqual({ token: '123e4567' });
  });
});
