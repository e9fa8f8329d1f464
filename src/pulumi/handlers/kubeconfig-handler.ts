import { serverUrl } from '../../membership/node-target';
import { Problem } from '../../problem';
import { run } from '../run';
import type { StackConfig } from '../settings';
import type { KubeconfigInputs } from '../state';
import type { DiffResult } from './provider';

/** The administrator's kubeconfig, read from a management node when somebody asks for it. Secret in the state. */
export const kubeconfig = {
  async configure({ config }: { config: StackConfig }): Promise<void> {
    run.configure(config);
  },

  async diff(_id: string, olds: KubeconfigInputs, news: KubeconfigInputs): Promise<DiffResult> {
    return { changes: false, replaces: olds.cluster === news.cluster ? [] : ['cluster'] };
  },

  async create(news: KubeconfigInputs): Promise<{ id: string; outs: { cluster: string; kubeconfig: string } }> {
    const membership = run.membership(news.cluster);
    if (!membership) {
      throw new Problem({
        subject: `kubeconfig of cluster '${news.cluster}'`,
        rule: 'the cluster\'s Membership was not part of this run',
        remedy: 'run `pulumi up` without --target',
      });
    }
    const { machine } = await run.session(membership, membership.nodes).server('join');
    const text = await machine.kubeconfig();
    const outside = serverUrl(membership.registrationAddress, membership.registrationPort === 9345 ? 6443 : membership.registrationPort);
    return { id: news.cluster, outs: { cluster: news.cluster, kubeconfig: text.replace(/https:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+/, outside) } };
  },

  async delete(): Promise<void> {},
};
