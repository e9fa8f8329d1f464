import { Problem } from '../../problem';
import { nodeAddress, serverUrl } from '../node-target';
import type { Report } from '../steps';
import type { JoinContext } from './join-context';

/**
 * Asks the cluster from the joining host, before anything is installed there. LLMOS itself retries for ever and hides the
 * cause: a wrong token and a server that is away look the same in its log.
 */
export async function findServer(context: JoinContext, report: Report): Promise<void> {
  const { session, machine, node, server } = context;
  // The installation comes afterwards and needs its time.
  const deadline = context.deadline.share(1 / 2);
  const token = await server!.machine.joinToken();
  const { registrationAddress, registrationPort } = session.cluster;
  const voters = (await server!.machine.members()).filter(({ learner }) => !learner).map(member => member.node);
  // Only who has a vote: a management node that was removed may still answer, and would lead nowhere.
  const living = session.management.filter(({ name }) => name !== node.name && voters.includes(name));
  const hosts = [...new Set([registrationAddress, nodeAddress(server!.node), ...living.map(nodeAddress)])];

  for (;;) {
    const reasons: string[] = [];
    for (const host of hosts) {
      const url = serverUrl(host, registrationPort);
      const answer = await machine.askServer(url, token);
      if (answer.kind === 'ok') {
        if (host !== registrationAddress) report(`${registrationAddress} does not answer from there, joining by ${host}`);
        context.token = token;
        context.registration = url;
        return;
      }
      if (answer.kind === 'token-refused') {
        throw new Problem({
          subject: `machine '${node.name}'`,
          rule: `${url} refuses the join token that ${server!.machine.label} gave`,
          remedy: 'it was probably rotated: compare `llmos get-token` on the management nodes and restart those that still use the old one',
        });
      }
      reasons.push(`${url}: ${answer.reason}`);
    }
    if (deadline.passed) {
      throw new Problem({
        subject: `machine '${node.name}'`,
        rule: `no management node answers it (${reasons.join(' · ')})`,
        remedy: 'open ports 6443 (9345 for RKE2) and 8443 from this machine to the management nodes',
      });
    }
    report(reasons.join(' · '));
    await new Promise(resolve => setTimeout(resolve, Math.min(2_000, deadline.remaining)));
  }
}
