import { fromPreview, fromSynthesised, impact, renderHtml, renderJson, renderMarkdown, renderText } from '../../src/impact';
import { managed, machines } from '../definition/definitions';
import { Yaml } from 'cdk8s';
import * as yaml from 'yaml';

jest.mock('yaml', () => {
  const actual = jest.requireActual<typeof import('yaml')>('yaml');
  return { ...actual, parse: jest.fn(actual.parse) };
});

const WORKERS = 9_997;

function synthesised(management: number, workers: number): string {
  const cluster = managed(management, { machines: machines(7), count: management });
  cluster.addWorkerPool('workers', {
    machines: Array.from({ length: workers }, (_, index) => ({
      name: `w${String(index + 1).padStart(4, '0')}`, address: `10.1.${index >> 8}.${index & 255}`, zone: `zone-${index % 3}`, labels: { 'example.com/rack': `r${index % 40}` },
    })),
  });
  return Yaml.stringify(...cluster.toJson());
}

const base = synthesised(3, 5000);
const head = synthesised(5, WORKERS);

test('ten thousand nodes: every view stays readable', () => {
  const report = impact(fromSynthesised(base), fromSynthesised(head));
  expect(report.joins).toHaveLength(2 + WORKERS - 5000);
  for (const text of [renderText(report), renderMarkdown(report), renderHtml(report)]) {
    expect(text).toContain('w5001');
    expect(text.length).toBeLessThan(20_000);
  }
  expect(JSON.parse(renderJson(report)).joins).toHaveLength(2 + WORKERS - 5000);
});

test('ten thousand changes of which each is another are cut short for people, and whole for programs', () => {
  const before = fromSynthesised(head);
  const after = { ...before, nodes: before.nodes.map((node, index) => ({ ...node, address: `host-${index}`, labels: { 'example.com/serial': String(index) } })) };
  const report = impact(before, after);
  for (const text of [renderText(report), renderMarkdown(report), renderHtml(report)]) expect(text.length).toBeLessThan(40_000);
  expect(report.replacements).toHaveLength(5 + WORKERS);
});

test('a refusal that names ten thousand nodes is cut short', () => {
  const names = Array.from({ length: WORKERS }, (_, index) => `w${index}`);
  const message = `error: removal from cluster 'prod' (${names.join(', ')}): a node is removed only when its name was confirmed; if that is meant: ${names.map(name => `confirm ${name}`).join(' && ')}`;
  const { refusals } = fromPreview(JSON.stringify({ steps: [], diagnostics: [{ severity: 'error', message }] }));
  expect(refusals).toMatchObject([{ kind: 'unconfirmed' }]);
  expect(renderText(impact(undefined, undefined, { refusals })).length).toBeLessThan(2000);
});

test('lines with a node on each never reach the yaml package, which is what ten thousand of them cost', () => {
  const parse = jest.mocked(yaml.parse).mockClear();
  const membership = fromSynthesised(head);
  expect(membership.nodes).toHaveLength(5 + WORKERS);
  // The manifest, in which the membership is one text, and the outline of the membership.
  expect(parse).toHaveBeenCalledTimes(2);
  expect(parse.mock.calls[1]![0]!.length).toBeLessThan(1000);
});

test('the work grows with the nodes and not with their square', () => {
  const names = (text: string): number => {
    let asked = 0;
    const { nodes, ...rest } = fromSynthesised(text);
    const counted = nodes.map(node => ({ ...node, get name() { asked += 1; return node.name; } }));
    impact({ ...rest, nodes: counted.slice(0, -1) }, { ...rest, nodes: counted });
    return asked;
  };
  const [few, many] = [names(synthesised(3, 997)), names(synthesised(3, 9_997))];
  expect(many / few).toBeLessThan(11);
});
