import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { MachineProps } from '../../../src';
import { openRehearsal } from '../../../src/adapters/rehearsal';
import type { ClusterState, Host, NodeState } from '../../../src/adapters/rehearsal/state';
import { renderConfig } from '../../../src/llmos/config';
import { Deadline } from '../../../src/membership/deadline';

/** What somebody does to a rehearsed cluster behind everybody's back, by editing what the API server and etcd keep. */
export class ByHand {
  private readonly originals = new Map<string, string>();

  constructor(private readonly rehearsal: string) {}

  /** Edits the Node; returning null deletes it. */
  node(name: string, edit: (node: { -readonly [Key in keyof NodeState]: NodeState[Key] }) => void | null): void {
    const [identity] = readdirSync(join(this.rehearsal, 'nodes'));
    this.edit(join('nodes', identity!, `${name}.json`), edit);
  }

  /** Edits etcd's member list. */
  members(edit: (members: { -readonly [Key in keyof ClusterState['members'][number]]: ClusterState['members'][number][Key] }[]) => void): void {
    this.edit('clusters.json', ([cluster]: ClusterState[]) => edit(cluster!.members));
  }

  /** Runs another release of Kubernetes on the machine. */
  version(address: string, release: string): void {
    this.edit(join('machines', `${address}.json`), (host: Host) => { host.runtime!.version = release; });
  }

  /** Puts back everything that was edited. */
  restore(): void {
    for (const [file, text] of this.originals) writeFileSync(join(this.rehearsal, file), text);
    this.originals.clear();
  }

  /** Sets LLMOS up on a machine as a worker, as LLMOS's own documentation says. */
  async join({ name, address }: MachineProps & { readonly address: string }, server: MachineProps & { readonly address: string }): Promise<void> {
    const scene = openRehearsal(this.rehearsal);
    const machine = scene.machine({ name, address });
    const token = await scene.machine(server).joinToken();
    await machine.writeConfig(renderConfig({ role: 'agent', server: `https://${server.address}:6443`, token, nodeName: name }));
    await machine.install({});
    await machine.waitForBootstrap(() => undefined, new Deadline(20));
  }

  private edit<T>(file: string, edit: (content: T) => void | null): void {
    const path = join(this.rehearsal, file);
    const text = readFileSync(path, 'utf8');
    if (!this.originals.has(file)) this.originals.set(file, text);
    const content = JSON.parse(text) as T;
    if (edit(content) === null) rmSync(path);
    else writeFileSync(path, JSON.stringify(content));
  }
}
