// Pulumi's output as the tour shows it: what happens to which node, what it means for the quorum and why something is
// refused. Everything is in the log file.
const PROGRESS = /(?<node>\S+) (?<action>joining|removing)\s+(?<step>\d+\/\d+)\s+(?<title>[^:(]*[^:(\s])(?<detail>:.*)?\s+\(\d+ s\)\s*$/;
const NODE = /^\s*[-+~]+\s+pulumi-nodejs:dynamic\/llmos:Node (?<name>\S+)\s+(?<what>create|created|delete|deleted|update|updated)\b/;
const FAILURE = /^\s*error: (?<message>.*)$/;
// What the engine puts in front of a message of `check`, and what it says of a program that threw.
const WRAPPING = /^\S+ resource '[^']*'(?:: property \S+ value \{[\s\S]*\})? has a problem: /;
const HEADING = /^(?:Running program .* failed with an unhandled exception|Validation failed with the following errors):$/;
/** A message of the definition: the path of the construct, then the rule. Node's way of printing an error may follow. */
const VALIDATION = /^\s*\[(?<path>[\w./-]+)\] (?<message>.*?)(?:\] \{)?$/;
const WHAT = {
  create: '+ NAME will join', created: '+ NAME has joined', delete: '- NAME will be removed', deleted: '- NAME has been removed',
  update: '~ NAME will change', updated: '~ NAME has changed',
};

/**
 * Makes the filter of one command, run with --non-interactive --color never.
 * @param {string} cluster its name, with which the names of its resources begin
 * @returns {(line: string) => { text: string, passing?: boolean } | undefined} what is shown of a line. The steps of the first
 *   node are shown; those of the others, which are the same, pass by
 */
export function pulumiLines(cluster) {
  const shown = new Set();
  let first;
  let repeating = false;
  let inQuorum = false;
  const once = (text) => {
    if (shown.has(text)) return undefined;
    shown.add(text);
    return { text };
  };

  return (line) => {
    // From here on Pulumi repeats what it said, and says errors in full.
    if (/^Diagnostics:/.test(line)) repeating = true;
    if (/^  [~+-] quorum\b.*\{$/.test(line)) inQuorum = true;
    if (inQuorum) {
      inQuorum = !/^    \}/.test(line);
      return { text: line };
    }
    const progress = PROGRESS.exec(line)?.groups;
    if (progress) {
      if (repeating) return undefined;
      const { node, action, step, title } = progress;
      first ??= node;
      const text = `${node} ${action} ${step.padStart(5)}  ${title}`;
      return node === first ? once(text) : { text, passing: true };
    }
    const node = NODE.exec(line)?.groups;
    if (node) return once(WHAT[node.what].replace('NAME', node.name.replace(`${cluster}-`, '')));
    const failure = FAILURE.exec(line)?.groups.message.replace(WRAPPING, '');
    if (failure !== undefined) return HEADING.test(failure) ? undefined : once(failure);
    const validation = VALIDATION.exec(line)?.groups;
    return validation && once(validation.message);
  };
}
