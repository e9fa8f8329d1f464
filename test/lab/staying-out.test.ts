import { parse } from 'yaml';

import { ClusterLab } from './cluster-lab';
import { OldFiles } from './old-files';

jest.setTimeout(5 * 60_000);

const EVEN = { allowEven: 'one node leaves after the other' };
const CONFIG = '/etc/llmos/config.yaml';
const RUNTIME_CONFIG = '/etc/rancher/k3s/config.yaml.d/40-llmos.yaml';
const UNREGISTERED = 'Unable to register node with API server';
const management = (...names: string[]) => names.map(name => `${name} management Ready voter`);
const voters = (...names: string[]) => names.map(name => `${name} voter`);

/** Hosts that left and are started again with what was on their disks; the tests follow each other. */
describe('what left stays out, on real hosts', () => {
  let lab: ClusterLab;
  let identity: string;

  beforeAll(async () => {
    lab = await ClusterLab.create('staying-out', ['m1', 'm2', 'm3', 'm4', 'm5', 'w1', 'w2'], { quick: true });
    lab.declare(['m1', 'm2', 'm3', 'm4', 'm5', 'w1', 'w2']);
    await lab.up();
    identity = await lab.cluster(api => api.identity());
  });

  afterAll(async () => {
    await lab?.destroy();
  });

  /** Waits until a unit of the host has said this so many times, since its files were put back or else since it booted. */
  const says = async (name: string, unit: string, words: string, times = 1) => {
    const log = `journalctl -q -o cat -u ${unit} $(test ! -e /root/put-back || echo --after-cursor=$(cat /root/put-back))`;
    const { code, stdout } = await lab.host(name).ssh(`timeout 90 sh -c 'until [ "$(${log} | grep -cF "${words}")" -ge ${times} ]; do sleep 0.5; done' || { ${log} | tail -n 30 | cut -c 1-300; exit 1; }`, { timeout: 100 });
    if (code !== 0) throw new Error(`${name} did not say '${words}' ${times} times:\n${stdout}`);
  };
  const remove = (leaving: readonly unknown[], staying: readonly string[], options: Partial<typeof EVEN> = EVEN) => {
    lab.stack.set('llmos:confirmRemoval', leaving);
    lab.declare(staying, { management: options });
    return lab.up();
  };

  test('a removed worker that is started again with its old files does not become a Node', async () => {
    const old = await OldFiles.keep(lab.host('w1'));
    await remove(['w1'], ['m1', 'm2', 'm3', 'm4', 'm5', 'w2']);
    expect(await lab.traces('w1')).toBe('');

    await old.putBackAndStart('k3s-agent');
    // Its token is still good, so it gets its certificates; what refuses it, at every try, is the fence. A kubelet does not say why.
    await says('w1', 'k3s-agent', 'certified as node w1');
    await says('w1', 'k3s-agent', UNREGISTERED, 2);
    expect(await lab.nodes()).toEqual([...management('m1', 'm2', 'm3', 'm4', 'm5'), 'w2 worker Ready']);
    await lab.host('w1').powerOff();
  });

  describe('a removed management node', () => {
    let old: OldFiles;

    test('whose removal was cut off before it was cleaned is held by the block on its host, over a start and a boot', async () => {
      old = await OldFiles.keep(lab.host('m5'), 'k3s');
      lab.stack.set('llmos:confirmRemoval', ['m5']);
      lab.declare(['m1', 'm2', 'm3', 'm4', 'w2'], { management: EVEN });
      await lab.killUpAt(/m5 removing.*(stopping the node|deleting the Node)/);

      await lab.host('m5').ssh('systemctl stop k3s; systemctl start k3s llmos');
      expect(await lab.host('m5').mustSsh('systemctl is-active k3s; test -d /var/lib/rancher/k3s/server/db/etcd').catch(String)).toMatch(/inactive|failed/);
      await lab.host('m5').powerOff();
      await lab.host('m5').boot();
      expect((await lab.host('m5').ssh('systemctl is-active k3s llmos; pgrep -l "k3s|etcd|llmos"')).stdout).toBe('inactive\ninactive\n');
      expect(await lab.members()).toEqual(voters('m1', 'm2', 'm3', 'm4'));
    });

    test('is cleaned by the next run', async () => {
      await lab.up();
      expect(await lab.traces('m5')).toBe('');
      expect(await lab.nodes()).toEqual([...management('m1', 'm2', 'm3', 'm4'), 'w2 worker Ready']);
    });

    /**
     * What the fence does not reach: etcd asks no API server. The old data is refused (the others removed that member), and k3s then
     * moves it aside and joins anew by its token, which a clean removal does not change.
     */
    test('that is put back with its old etcd data and a token that still counts becomes no Node, but a member again', async () => {
      await old.putBackAndStart('k3s');
      await says('m5', 'k3s', 'this node has been removed from the etcd cluster');
      await says('m5', 'k3s', 'k3s is up and running');
      await says('m5', 'k3s', UNREGISTERED, 2);
      expect(await lab.nodes()).toEqual([...management('m1', 'm2', 'm3', 'm4'), 'w2 worker Ready']);
      expect(await lab.members()).toEqual(voters('m1', 'm2', 'm3', 'm4', 'm5'));

      // What a person does about it: take the machine away, then its member.
      const ghost = (await lab.memberList()).find(line => line.includes(' m5-'))!.split(',')[0]!;
      await lab.host('m5').kill();
      await lab.etcdctl(`member remove ${ghost}`);
      expect(await lab.members()).toEqual(voters('m1', 'm2', 'm3', 'm4'));
    });
  });

  test('a management node that was away during its removal finds no way back, because its token no longer counts', async () => {
    const m4 = lab.host('m4');
    await m4.disconnect();
    await remove([{ name: 'm4', removal: 'unreachable' }], ['m1', 'm2', 'm3', 'w2'], {});
    expect(await lab.members()).toEqual(voters('m1', 'm2', 'm3'));

    await m4.kill();
    await m4.boot();
    // Its old data is refused by the others; with that set aside it would join anew, if they took its token.
    await says('m4', 'k3s', 'this node has been removed from the etcd cluster');
    await says('m4', 'k3s', 'server-bootstrap: 401 Unauthorized', 2);
    expect(await lab.nodes()).toEqual([...management('m1', 'm2', 'm3'), 'w2 worker Ready']);
    expect(await lab.members()).toEqual(voters('m1', 'm2', 'm3'));
    await m4.kill();
  });

  describe('the first node', () => {
    let config: Record<string, unknown>;

    test('leaves to a successor: who stays points at each other, and none at it', async () => {
      config = parse(await lab.host('m1').mustSsh(`cat ${CONFIG}`)) as Record<string, unknown>;
      // From the second management node on it could not start a cluster by itself.
      expect(config.role).toBe('server');
      expect(['m2', 'm3'].map(name => `https://${lab.host(name).address}:6443`)).toContain(config.server);
      lab.front = 'm2';
      await remove(['m1'], ['m2', 'm3', 'w2']);
      expect(await lab.nodes()).toEqual([...management('m2', 'm3'), 'w2 worker Ready']);
      expect(await lab.members()).toEqual(voters('m2', 'm3'));
      for (const [name, peer] of [['m2', 'm3'], ['m3', 'm2']] as const) {
        const server = `https://${lab.host(peer).address}:6443`;
        expect(parse(await lab.host(name).mustSsh(`cat ${CONFIG}`))).toMatchObject({ role: 'server', server });
        expect(parse(await lab.host(name).mustSsh(`cat ${RUNTIME_CONFIG}`))).toMatchObject({ server });
      }
    });

    test('wiped and set up again as a first node is a cluster of its own that nobody joins', async () => {
      const m1 = lab.host('m1');
      await m1.reset();
      await m1.boot();
      // The config of its first day, as a backup may have it, with the token that is in use.
      const first = { ...config, role: 'cluster-init', server: undefined };
      await m1.mustSsh(`mkdir -p /etc/llmos && cat >${CONFIG} && chmod 600 ${CONFIG}`, { input: JSON.stringify(first) });
      await m1.mustSsh('cp /usr/local/lib/lab/llmos /usr/local/bin/ && INSTALL_LLMOS_SKIP_DOWNLOAD=true sh /usr/local/lib/lab/install.sh');
      await says('m1', 'k3s', 'k3s is up and running');

      await lab.host('m3').mustSsh('systemctl restart k3s', { timeout: 90 });
      expect(await lab.nodes()).toEqual([...management('m2', 'm3'), 'w2 worker Ready']);
      expect(await lab.members()).toEqual(voters('m2', 'm3'));
      expect(await lab.cluster(api => api.identity())).toBe(identity);
      lab.front = 'm1';
      expect(await lab.members()).toEqual(voters('m1'));
      expect(await lab.etcdctl('get --prefix --keys-only /registry/minions/')).toBe('/registry/minions/m1\n\n');
    });
  });
});
