// Pulumi's output as the tour shows it: what happens to which node and why something is refused, without the rest.
const PROGRESS = /(\S+ (?:joining|removing|verifying)\s+\d+\/\d+\s.*\S)/;
const NODE = /^\s*([-+~]{1,2})\s+pulumi-nodejs:dynamic\/llmos:Node (\S+)\s+(create|created|delete|deleted|update|updated|replace|replaced)\b/;
const FAILURE = /^\s*(?:error: )(.*)$/;
// What the engine puts in front of a message of `check`.
const WRAPPED = /^\S+ resource '[^']*': property \S+ value \{[\s\S]*?\} has a problem: /;

/**
 * @param {string} line a line of `pulumi up` or `pulumi preview`, run with --non-interactive --color never
 * @returns {string | undefined} what the tour shows of it
 */
export function tidy(line) {
  const progress = PROGRESS.exec(line);
  if (progress) return progress[1];
  const node = NODE.exec(line);
  if (node) return `${node[1]} ${node[2]} ${node[3]}`;
  const failure = FAILURE.exec(line);
  return failure ? failure[1].replace(WRAPPED, '') : undefined;
}
