import { Problem } from '../../problem';
import { run } from '../run';
import type { StackConfig } from '../settings';
import type { KubeconfigInputs } from '../state';
import { changedKeys, type DiffResult } from './provider';

/** The administrator's kubeconfig, read from a management node when somebody asks for it. Secret in the state. */
export const kubeconfig = {
  async configure({ config }: { config: StackConfig }): Promise<void> {
    run.configure(config);
  },

  async diff(_id: string, olds: Partial<KubeconfigInputs>, news: KubeconfigInputs): Promise<DiffResult> {
    return { changes: changedKeys(olds, news, ['server']).length > 0 };
  },

  async create(news: KubeconfigInputs): Promise<{ id: string; outs: KubeconfigOutputs }> {
    const membership = run.membership(news.cluster);
    if (!membership) {
      throw new Problem({
        subject: `kubeconfig of cluster '${news.cluster}'`,
        rule: 'the cluster\'s Membership was not part of this run',
        remedy: 'run `pulumi up` without --target',
      });
    }
    const { machine } = await run.session(membership).server('join');
    const text = await machine.kubeconfig();
    const { cluster, server } = news;
    return { id: cluster, outs: { cluster, server, kubeconfig: text.replace(/https:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+/, server) } };
  },

  async update(_id: string, _olds: KubeconfigInputs, news: KubeconfigInputs): Promise<{ outs: KubeconfigOutputs }> {
    return kubeconfig.create(news);
  },

  async delete(): Promise<void> {},
};

export interface KubeconfigOutputs {
  readonly cluster: string;
  readonly server: string;
  readonly kubeconfig: string;
}
