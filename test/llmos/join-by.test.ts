import { parse } from 'yaml';
import { joinSettings, llmosConfigJoinBy, runtimeConfigAlone, runtimeConfigJoinBy } from '../../src/llmos/join-by';

const SERVER = 'https://10.0.0.2:6443';

describe('a first node that is to join by a peer from now on', () => {
  test('is a server in its LLMOS config, with a token, and all else as it was', () => {
    const before = '# made by hand\nrole: cluster-init\nnodeName: m1\nlabels:\n  - a=b\n';
    const after = llmosConfigJoinBy(before, SERVER, 'secret');
    expect(after).toContain('# made by hand');
    expect(parse(after)).toEqual({ role: 'server', nodeName: 'm1', labels: ['a=b'], server: SERVER, token: 'secret' });
  });

  test('starts no cluster by its k3s config', () => {
    const after = runtimeConfigJoinBy('cluster-init: "true"\nnode-name: m1\ntoken: own\n', SERVER, 'secret');
    expect(parse(after)).toEqual({ 'node-name': 'm1', 'token': 'own', 'server': SERVER });
  });

  test('is not changed by doing it again', () => {
    const once = llmosConfigJoinBy('role: cluster-init\nnodeName: m1\n', SERVER, 'secret');
    expect(llmosConfigJoinBy(once, SERVER, 'secret')).toBe(once);
    const runtime = runtimeConfigJoinBy('{"cluster-init":"true","node-label":["a=b"]}', SERVER, 'secret');
    expect(runtimeConfigJoinBy(runtime, SERVER, 'secret')).toBe(runtime);
  });

  test('moves on when its peer leaves', () => {
    const after = llmosConfigJoinBy(llmosConfigJoinBy('role: server\n', SERVER, 'a'), 'https://10.0.0.3:6443', 'b');
    expect(joinSettings(after)).toEqual({ server: 'https://10.0.0.3:6443', token: 'a' });
  });
});

test('a first node joins by nobody', () => {
  expect(joinSettings('role: cluster-init\n')).toEqual({ server: undefined, token: undefined });
  expect(joinSettings('')).toEqual({ server: undefined, token: undefined });
});

test('the runtime joins nobody once its server is taken out, and everything else stays as it is', () => {
  const yaml = 'node-ip: 10.0.0.12 # its own\nserver: https://10.0.0.11:6443\ntoken: secret\nnode-name: m2\n';
  expect(runtimeConfigAlone(yaml)).toBe('node-ip: 10.0.0.12 # its own\ntoken: secret\nnode-name: m2\n');
  const alone = 'cluster-init:   "true"\ntoken: secret\n';
  expect(runtimeConfigAlone(alone)).toBe(alone);
});
