import { impact, type ImpactReport } from '../../../src/impact';
import { management, membership, reportOf, workers } from '../memberships';

/** Names that would be markup, a link, a mention, a row of a table or an order to the terminal. */
export const HOSTILE = [
  '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '[a](https://example.com)', '![a](https://example.com/a.png)', '@octocat', '#1', '`a`', 'a|b', '**a**', '--> x',
  '</details>', '"]:::good', 'a\u001b[31mred', 'a\nb', '&lt;b&gt;', '```', '$a$', '\u202egpj', 'click s0 href "https://example.com"', '1. a', '- a', '%%{init: {}}%%',
];

/** A report in which a hostile text is every name and every value. */
export function hostileReport(text: string): ImpactReport {
  const nodes = management(3);
  const renamed = nodes.map((node, index) => ({ ...node, name: index === 0 ? text : node.name, zone: index === 1 ? text : node.zone }));
  return impact(
    membership([...nodes, ...workers(1)], { cluster: text }),
    membership([...renamed, { ...workers(1)[0]!, labels: { [text]: text }, taints: [text] }], { cluster: text, llmosVersion: text, settings: { [text]: text }, confirmRemoval: [{ name: text }] }),
    { live: [{ name: text, healthy: false, voter: true }], refusals: [{ kind: 'unknown', message: text, remedy: text }] },
  );
}

/** One of each: every verdict, every section. */
export const REPORTS: Readonly<Record<string, ImpactReport>> = {
  ...Object.fromEntries(['create', 'grow', 'confirmed', 'unconfirmed', 'invalid', 'too-many', 'replaced', 'role-changes', 'left-over', 'destroy', 'unchanged', 'unchanged-show-sames', 'unknown-address']
    .map(name => [name, reportOf(name)])),
  'no zones': impact(undefined, membership(management(3).map(({ zone: _, ...node }) => node))),
  'some without a zone': impact(undefined, membership(management(3).map(({ zone, ...node }, index) => (index === 1 ? node : { ...node, zone })))),
  'a dead member': impact(membership(management(3)), membership(management(5)), { live: management(3).map(({ name }) => ({ name, healthy: name !== 'm3', voter: true })) }),
  'nobody knows of a learner': impact(membership(management(3)), membership(management(3)), { live: [{ name: 'm1', healthy: undefined, voter: false }] }),
  'one to seven': impact(membership(management(1)), membership(management(7))),
  'even with a reason': impact(membership(management(5)), membership(management(4), { confirmed: ['m5'], allowEven: 'a spare part is on its way' })),
  'a confirmation too many': impact(membership(management(3)), membership(management(3), { confirmed: ['m2'] })),
  'ten thousand': impact(membership([...management(3), ...workers(9000)]), membership([...management(5), ...workers(9998)])),
  hostile: hostileReport('<b>'),
};
