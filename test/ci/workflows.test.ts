import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { MARKDOWN_MARKER } from '../../src';
import { CommentsServer } from './comments-server';
import { Repository } from './repository';

jest.setTimeout(120_000);

const example = join(__dirname, '..', '..', 'examples', 'ci');
const load = (file: string): unknown => parse(readFileSync(join(example, file), 'utf8'));

interface Step { readonly run?: string; readonly uses?: string; readonly with?: Record<string, unknown>; readonly env?: Record<string, string> }
interface WorkflowJob { readonly if?: string; readonly permissions: Record<string, string>; readonly steps: readonly Step[] }
interface Workflow { readonly on: unknown; readonly permissions: unknown; readonly jobs: Readonly<Record<'report' | 'comment', WorkflowJob>> }
interface PipelineJob { readonly script: readonly string[]; readonly rules: readonly { readonly if: string }[] }

const workflow = load('github-actions.yml') as Workflow;
const pipeline = load('gitlab-ci.yml') as Readonly<Record<'impact' | 'impact-comment', PipelineJob>>;
const lines = ({ steps }: WorkflowJob): string[] => steps.flatMap(({ run }) => run ?? []);

let repository: Repository;
let server: CommentsServer;
beforeAll(async () => {
  repository = await Repository.create();
  await repository.propose('head', 'confirmed');
});
afterAll(() => repository.dispose());
afterEach(() => server?.close());

describe('GitHub Actions', () => {
  test('the job that runs code of a pull request can only read, and the one that may comment checks out the base', () => {
    const { report, comment } = workflow.jobs;
    expect([workflow.on, workflow.permissions]).toEqual(['pull_request', {}]);
    expect(report.permissions).toEqual({ contents: 'read' });
    expect(JSON.stringify(report)).not.toMatch(/secrets|github\.token/);
    expect(comment.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
    expect(comment.if).toContain('github.event.pull_request.head.repo.full_name == github.repository');
    expect(comment.steps.filter(({ uses }) => uses?.startsWith('actions/checkout')).map((step) => step.with?.ref)).toEqual(['${{ github.event.pull_request.base.sha }}']);
  });

  test('no line of a shell holds what a pull request can write', () => {
    for (const line of Object.values(workflow.jobs).flatMap(lines)) expect(line).not.toContain('${{');
  });

  test('actions are pinned by their major version', () => {
    const uses = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap((step) => step.uses ?? []));
    for (const each of uses) expect(each).toMatch(/^actions\/[a-z-]+@v\d+$/);
  });

  test('its lines report the merge, fail with its status and write one comment, over which the next run writes', async () => {
    server = new CommentsServer({ user: { login: 'github-actions[bot]' } }, 'Bearer secret');
    server.comments.push({ id: 1, user: { login: 'somebody' }, body: `${MARKDOWN_MARKER}\nwritten by a person` });
    const [impact, summary] = lines(workflow.jobs.report);
    expect(await repository.run(impact!)).toMatchObject({ code: 6 });
    expect(await repository.run(summary!, { GITHUB_STEP_SUMMARY: join(repository.folder, 'report', 'summary.md') })).toMatchObject({ code: 0 });
    expect(repository.read('report/summary.md')).toBe(repository.read('report/impact.md'));

    const env = { GITHUB_TOKEN: 'secret', GITHUB_API_URL: await server.listen(), GITHUB_REPOSITORY: 'owner/name', PULL_REQUEST: '7', GITLAB_CI: '' };
    const comment = lines(workflow.jobs.comment)[0]!;
    expect(await repository.run(comment, env)).toMatchObject({ code: 0, text: 'commented\n' });
    expect(await repository.run(comment, env)).toMatchObject({ code: 0, text: 'comment updated\n' });
    expect(server.comments.map(({ body }) => body)).toEqual([`${MARKDOWN_MARKER}\nwritten by a person`, repository.read('report/impact.md')]);
    expect(server.requests.filter((request) => !request.startsWith('GET'))).toEqual(['POST /repos/owner/name/issues/7/comments', 'PATCH /repos/owner/name/issues/comments/2']);
  });

  test('a comment behind a hundred others is found, and one that may not be written fails without the token in its message', async () => {
    server = new CommentsServer({ user: { login: 'github-actions[bot]' } }, 'Bearer secret');
    for (let id = 1; id <= 100; id += 1) server.comments.push({ id, user: { login: 'somebody' }, body: 'hello' });
    server.comments.push({ id: 101, user: { login: 'github-actions[bot]' }, body: MARKDOWN_MARKER });
    repository.write('long.md', `${MARKDOWN_MARKER}\n${'x'.repeat(70_000)}`, 'report');
    const env = { GITHUB_TOKEN: 'secret', GITHUB_API_URL: await server.listen(), GITHUB_REPOSITORY: 'owner/name', PULL_REQUEST: '7', GITLAB_CI: '' };
    expect(await repository.run('node ci/comment.mjs report/long.md', env)).toMatchObject({ code: 0, text: 'comment updated\n' });
    expect(server.comments.at(-1)!.body.length).toBeLessThan(65_536);
    const refused = await repository.run('node ci/comment.mjs report/long.md', { ...env, GITHUB_TOKEN: 'another' });
    expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('401') });
    expect(refused.text).not.toContain('another');
  });
});

describe('GitLab', () => {
  test('the job with the token is not for forks, and runs no script of the merge request', () => {
    expect(JSON.stringify(pipeline.impact.script)).not.toContain('TOKEN');
    expect(pipeline['impact-comment'].rules[0]!.if).toContain('$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID');
    expect(pipeline['impact-comment'].script.filter((line) => line.includes(' ci/'))).toEqual([]);
  });

  test('its lines report the change, fail with its status and write one note, over which the next run writes', async () => {
    server = new CommentsServer({ author: { username: 'project_1_bot' } }, 'secret');
    const commit = async (name: string): Promise<string> => (await repository.succeed(`git rev-parse ${name}`)).trim();
    const env = {
      GITLAB_CI: 'true', LLMOS_NODES_COMMENT_TOKEN: 'secret', CI_API_V4_URL: await server.listen(), CI_PROJECT_ID: '3', CI_MERGE_REQUEST_IID: '7',
      CI_MERGE_REQUEST_DIFF_BASE_SHA: await commit('main'), CI_COMMIT_SHA: await commit('change'), CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
    };
    expect(await repository.run(pipeline.impact.script.join('\n'), env)).toMatchObject({ code: 6 });
    await repository.succeed('git remote add origin .');
    const comment = pipeline['impact-comment'].script.join('\n');
    expect(await repository.run(comment, env)).toMatchObject({ code: 0, text: 'commented\n' });
    expect(await repository.run(comment, env)).toMatchObject({ code: 0, text: 'comment updated\n' });
    expect(server.comments.map(({ body }) => body)).toEqual([repository.read('report/impact.md')]);
    expect(server.requests.filter((request) => !request.startsWith('GET'))).toEqual(['POST /projects/3/merge_requests/7/notes', 'PUT /projects/3/merge_requests/7/notes/1']);
  });
});
