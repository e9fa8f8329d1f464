import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App } from 'cdk8s';

import { ClusterChart, type ClusterChartProps } from '../../src';
import { main } from '../../src/cli/main';
import { EXIT_CODES, MARKDOWN_MARKER, parseReport } from '../../src/impact';

const folder = mkdtempSync(join(tmpdir(), 'llmos-nodes-impact-'));
const out: string[] = [];
const errors: string[] = [];

beforeAll(() => {
  define('three', 3);
  define('five', 5);
  define('confirmed', 3, { confirmRemoval: ['m4', 'm5'] });
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  out.length = 0;
  errors.length = 0;
  jest.spyOn(console, 'log').mockImplementation((...words: unknown[]) => { out.push(words.map(String).join(' ')); });
  jest.spyOn(console, 'error').mockImplementation((...words: unknown[]) => { errors.push(words.map(String).join(' ')); });
});
afterEach(() => {
  process.exitCode = undefined;
  jest.restoreAllMocks();
});

/** What `cdk8s synth` would write into this folder's dist/. */
function define(name: string, management: number, props: Partial<ClusterChartProps> = {}): void {
  const app = new App({ outdir: join(folder, name, 'dist') });
  const cluster = new ClusterChart(app, 'prod', { kubernetesVersion: 'v1.34.4+k3s1', registrationAddress: '192.0.2.11', ...props });
  cluster.addManagementPool('management', { machines: Array.from({ length: management }, (_, index) => ({ name: `m${index + 1}`, address: `192.0.2.1${index + 1}` })) });
  app.synth();
}

const path = (name: string) => join(folder, name);

async function impact(...args: string[]): Promise<unknown> {
  await main(['node', 'llmos-nodes', 'impact', ...args]);
  return process.exitCode;
}

test('two synthesised definitions make a report, and what loses nothing ends with 0', async () => {
  expect(await impact('--from', path('three'), '--to', path('five'))).toBe(0);
  expect(out.join('\n')).toMatch(/RAISED +prod: 3 → 5 management nodes/);
  expect(out.join('\n')).not.toContain('\u001b[');
});

test('a manifest may be named itself', async () => {
  expect(await impact('--from', join(path('three'), 'dist', 'prod.k8s.yaml'), '--to', path('five'))).toBe(0);
});

test('a removal that nobody confirmed has its code, and so has one that was', async () => {
  expect(await impact('--from', path('five'), '--to', path('three'))).toBe(EXIT_CODES.unconfirmed);
  expect(await impact('--from', path('five'), '--to', path('confirmed'))).toBe(EXIT_CODES.lowered);
});

test('--fail-on chooses what fails', async () => {
  expect(await impact('--from', path('five'), '--to', path('confirmed'), '--fail-on', 'unconfirmed')).toBe(0);
  expect(await impact('--from', path('five'), '--to', path('three'), '--fail-on', 'never')).toBe(0);
});

test('without --from the cluster is a new one', async () => {
  expect(await impact('--to', path('three'))).toBe(0);
  expect(out.join('\n')).toContain('m1');
});

test('several forms are written in one run', async () => {
  const [markdown, html] = [join(folder, 'comment.md'), join(folder, 'report.html')];
  await impact('--from', path('three'), '--to', path('five'), '-o', 'json', '-o', `markdown=${markdown}`, '-o', `html=${html}`);
  expect(parseReport(out.join('\n')).verdict).toBe('raised');
  expect(readFileSync(markdown, 'utf8').startsWith(MARKDOWN_MARKER)).toBe(true);
  expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>/i);
});

describe('is one message and the right code', () => {
  test.each([
    ['a definition that is not there', ['--from', 'nowhere', '--to', 'nowhere'], EXIT_CODES.unknown, /synthesised definition \(nowhere\): there is no such file or folder; /],
    ['a folder without manifests', ['--to', 'EMPTY'], EXIT_CODES.unknown, /there is no manifest in it; run `cdk8s synth`/],
    ['a manifest of something else', ['--to', 'FOREIGN'], EXIT_CODES.unknown, /no ConfigMap 'llmos-membership'/],
    ['a preview that is not there', ['nowhere.json'], EXIT_CODES.unknown, /preview \(nowhere\.json\): it cannot be read \(ENOENT\); /],
    ['a preview that is cut short', ['CUT'], EXIT_CODES.unknown, /preview: it is no JSON, or cut short; /],
    ['no change at all', [], 1, /impact: it takes one change: a preview, --stack, or --from and --to; /],
    ['two changes', ['CUT', '--from', 'nowhere'], 1, /impact: it takes one change/],
    ['an unknown form', ['--to', 'EMPTY', '-o', 'pdf'], 1, /output \(pdf\): a report is text, markdown, html, json; /],
    ['two forms for standard output', ['--to', 'EMPTY', '-o', 'html', '-o', 'markdown'], 1, /output \(html, markdown\): one of them can go to standard output; .*report\.md/],
  ])('%s', async (_, args, code, message) => {
    mkdirSync(path('empty'), { recursive: true });
    writeFileSync(path('foreign.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n');
    writeFileSync(path('cut.json'), '{"steps": [');
    const files: Record<string, string> = { EMPTY: path('empty'), FOREIGN: path('foreign.yaml'), CUT: path('cut.json') };
    expect(await impact(...args.map(arg => files[arg] ?? arg))).toBe(code);
    expect(errors).toEqual([expect.stringMatching(message)]);
    expect(errors[0]!.split('\n')).toHaveLength(1);
    expect(out).toEqual([]);
  });

  test('a file that cannot be written', async () => {
    expect(await impact('--to', path('three'), '-o', `json=${join(folder, 'nowhere', 'report.json')}`)).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/output \(.*report\.json\): it cannot be written \(ENOENT\); /)]);
  });
});
