// Everything the lab runs that is written in Go: static binaries, because they run in hosts with another C library.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeImage } from '../../test/lab/images/make-image.mjs';
import { LabPartsError, digest, filesBelow, keepOnly, run, stored } from './store.mjs';

const kubernetesVersion = 'v1.34.4';
// k3s stamps its own suffix on Kubernetes, and with it the version every node reports; a definition names that version.
const reportedVersion = `${kubernetesVersion}+k3s1`;
// The release after it, to upgrade to: the same source with another stamp. Only what reports a version is there a second time.
const nextVersion = 'v1.34.5+k3s1';
const stamp = (version) => Object.entries({ gitVersion: version, gitMajor: '1', gitMinor: '34', gitTreeState: 'clean' })
  .flatMap(([name, value]) => ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].map((path) => `-X ${path}.${name}=${value}`))
  .join(' ');

const kubernetes = [
  // The first one compiles what the others share.
  { name: 'kube-apiserver', takes: 'about 4 minutes' },
  { name: 'kubelet', takes: 'about a minute' },
  { name: 'kube-controller-manager', takes: 'about half a minute' },
  { name: 'kube-scheduler', takes: 'a few seconds' },
  { name: 'kube-proxy', takes: 'a few seconds' },
];
const etcdVersion = 'v3.6.5';
const etcd = [
  { name: 'etcd', path: 'go.etcd.io/etcd/server/v3', takes: 'about half a minute' },
  { name: 'etcdctl', path: 'go.etcd.io/etcd/etcdctl/v3', takes: 'a few seconds' },
];

/** Builds Kubernetes and etcd where they are missing. Returns the path of each binary under its name, that of the next release below `releases/`. */
export async function kubernetesAndEtcd({ log, repository }) {
  const binaries = {};
  const build = ({ name, takes }, version) => stored(`${name}-${version}`, (path) =>
    goBuild({ log, path, what: `${name} ${version}`, takes, cwd: join(repository, 'scripts/go/kubernetes'), target: `k8s.io/kubernetes/cmd/${name}`, ldflags: stamp(version) }));
  for (const part of kubernetes) binaries[part.name] = await build(part, reportedVersion);
  for (const name of ['kube-apiserver', 'kubelet']) binaries[`releases/${nextVersion}/${name}`] = await build({ name, takes: 'half a minute' }, nextVersion);
  for (const { name, path: target, takes } of etcd) {
    binaries[name] = await stored(`${name}-${etcdVersion}`, (path) =>
      goBuild({ log, path, what: `${name} ${etcdVersion}`, takes, cwd: join(repository, 'scripts/go/etcd'), target }));
  }
  return binaries;
}

/** Builds the stand-in for the LLMOS installer and the k3s packaging; its version is its source. Returns nothing where there is none. */
export async function standIn({ log, repository }) {
  const folder = join(repository, 'test/lab/standin');
  if (!existsSync(join(folder, 'go.mod'))) {
    log('stand-in: test/lab/standin is not there, left out');
    return {};
  }
  const source = filesBelow(folder).filter((file) => !file.endsWith('_test.go') && !file.endsWith('.md'));
  const version = digest({ files: source });
  const parts = {};
  for (const name of ['llmos', 'k3s']) {
    if (!existsSync(join(folder, 'cmd', name, 'main.go'))) continue;
    parts[name] = await stored(`${name}-${version}`, (path) =>
      goBuild({ log, path, what: `${name} (stand-in)`, takes: 'a few seconds', cwd: folder, target: `./cmd/${name}` }));
    await keepOnly(name, version);
  }
  const next = await stored(`k3s-next-${version}`, (path) => goBuild({
    log, path, what: `k3s (stand-in) ${nextVersion}`, takes: 'a few seconds', cwd: folder, target: './cmd/k3s', ldflags: `-X llmos-nodes/standin/internal/paths.Version=${nextVersion}`,
  }));
  await keepOnly('k3s-next', version);
  parts[`releases/${nextVersion}/k3s`] = next;
  // What a registry would have. LLMOS's image of a release holds its binary; a tag has no plus sign.
  const image = `system-agent-installer-k3s-${nextVersion.replace('+', '-')}`;
  parts[`registry/${image}.tar`] = await stored(`${image}-${version}.tar`, (archive) =>
    makeImage({ binary: next, name: 'k3s', reference: `docker.io/rancher/system-agent-installer-k3s:${nextVersion.replace('+', '-')}`, archive }));
  await keepOnly(image, version);
  const installer = join(folder, 'install.sh');
  if (existsSync(installer)) parts['install.sh'] = await stored(`install-${version}.sh`, (path) => run('install', ['-m', '755', installer, path]));
  return parts;
}

/** Builds one main package as a static binary at `path`. */
export async function goBuild({ log, path, what, takes, cwd, target, ldflags = '' }) {
  log(`building ${what} (${takes}, once)`);
  const started = process.hrtime.bigint();
  try {
    await run('go', ['build', '-trimpath', '-ldflags', `-s -w ${ldflags}`, '-o', path, target], { cwd, env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' } });
  } catch (error) {
    throw new LabPartsError(`${what}: it could not be built in ${cwd}; Go modules must be reachable (see go env GOPROXY)\n${error.message}`);
  }
  log(`built ${what} in ${Number((process.hrtime.bigint() - started) / 1_000_000_000n)} s`);
}
