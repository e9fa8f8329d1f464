import { OPERATOR_PORT } from '../ports';
import { quote } from '../quote';
import { HTTP } from './http';
import { Answers } from './shell-words';

/** What a server answered when asked from a joining host. */
export type ServerAnswer =
  | { readonly kind: 'ok' }
  /** The server's /ping did not answer `pong`. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** The server answered; its operator refused the token. */
  | { readonly kind: 'token-refused' }
  /** The server answered; its operator (cluster-info, port 8443) does not yet. */
  | { readonly kind: 'operator-unready'; readonly reason: string };

/** Splits the answer to the first question from the answer to the second. */
const SECOND = '--- cluster-info';

/**
 * Asks what `llmos bootstrap` will ask: the server's /ping, then the operator's cluster-info with the token, which comes on
 * standard input. LLMOS hides why the second fails and tries for ever; asked here, a wrong token is told from an operator
 * that is not up yet.
 * @param server `https://host:6443`
 */
export function askServerScript(server: string): string {
  const { hostname } = new URL(server);
  return `\
${HTTP}
IFS= read -r token
pong=$(get ${quote(`${server.replace(/\/$/, '')}/ping`)} 2>&1) || true
printf '%s\\n' "$pong" | head -c 500
if [ "$pong" != pong ]; then exit 0; fi
echo '${SECOND}'
authorisation Bearer "$token" | status ${quote(`https://${hostname}:${OPERATOR_PORT}/v1-cluster/cluster-info`)}
exit 0`;
}

export function parseServerAnswer(output: string): ServerAnswer {
  const [ping = '', info] = output.split(`${SECOND}\n`);
  if (info === undefined) return { kind: 'unreachable', reason: oneLine(ping) || '/ping answered nothing' };
  const status = new Answers(info).one('status');
  if (status === '200') return { kind: 'ok' };
  if (status === '401' || status === '403') return { kind: 'token-refused' };
  const reason = status === '' || status === '000' ? oneLine(info.replace(/^status=.*$/m, '')) || 'it does not answer' : `it answers with status ${status}`;
  return { kind: 'operator-unready', reason: `LLMOS's operator (port ${OPERATOR_PORT}): ${reason}` };
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' · ').slice(0, 300);
}
