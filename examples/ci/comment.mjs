// Writes the report as the comment of a pull or merge request, and over it at the next push.
//
//   node comment.mjs impact.md
//
// On GitHub it takes GITHUB_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY and PULL_REQUEST (its number); on GitLab
// LLMOS_NODES_COMMENT_TOKEN and the variables of a merge request pipeline. The report is data: nothing in it is run.
import { readFile } from 'node:fs/promises';

const MARKER = '<!-- llmos-nodes impact -->';

/** GitHub refuses longer ones. */
const LONGEST = 65_000;

const { env } = process;
const host = env.GITLAB_CI ? gitlab() : github();
const report = await readFile(process.argv[2], 'utf8');
const text = report.startsWith(MARKER) ? report : `${MARKER}\n${report}`;
const body = text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}\n\nThe report is longer than a comment may be; the job has the rest.`;

const own = await findOwn();
if (own === undefined) await call('POST', host.comments, { body });
else await call(host.update, host.comment(own), { body });
console.log(own === undefined ? 'commented' : 'comment updated');

function github() {
  const repository = `${env.GITHUB_API_URL}/repos/${env.GITHUB_REPOSITORY}/issues`;
  return {
    headers: { authorization: `Bearer ${env.GITHUB_TOKEN}`, accept: 'application/vnd.github+json' },
    comments: `${repository}/${env.PULL_REQUEST}/comments`, comment: (id) => `${repository}/comments/${id}`, update: 'PATCH',
    // The token of a workflow cannot be asked who it is.
    me: async () => 'github-actions[bot]', author: (comment) => comment.user?.login,
  };
}

function gitlab() {
  const notes = `${env.CI_API_V4_URL}/projects/${env.CI_PROJECT_ID}/merge_requests/${env.CI_MERGE_REQUEST_IID}/notes`;
  return {
    headers: { 'private-token': env.LLMOS_NODES_COMMENT_TOKEN },
    comments: notes, comment: (id) => `${notes}/${id}`, update: 'PUT',
    me: async () => (await call('GET', `${env.CI_API_V4_URL}/user`)).username, author: (note) => note.author?.username,
  };
}

/** The id of our comment. The author is looked at too: anybody may write the marker. */
async function findOwn() {
  const me = await host.me();
  for (let page = 1; ; page += 1) {
    const comments = await call('GET', `${host.comments}?per_page=100&page=${page}`);
    const found = comments.find((comment) => host.author(comment) === me && comment.body.startsWith(MARKER));
    if (found !== undefined) return found.id;
    if (comments.length < 100) return undefined;
  }
}

async function call(method, url, content) {
  const response = await fetch(url, {
    method, headers: { ...host.headers, 'content-type': 'application/json' }, ...(content && { body: JSON.stringify(content) }),
  });
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname}: ${response.status} ${response.statusText}`);
  return response.json();
}
