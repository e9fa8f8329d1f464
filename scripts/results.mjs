// Sums what jest wrote: the last word of a test run, read from its JSON and not from its exit status alone.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, whenStarted } from './main.mjs';

/** One JSON file per jest project. */
export const resultsFile = (project) => join(root, '.llmos-nodes', 'results', `${project}.json`);

/**
 * @typedef {{ numTotalTests: number, numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   numRuntimeErrorTestSuites: number, success: boolean,
 *   testResults: { name: string, assertionResults: { fullName: string, status: string }[] }[] }} JestResult
 * @param {Record<string, JestResult | undefined>} results what each project that should have run wrote
 * @param {{ mayBeEmpty?: boolean }} [options] `mayBeEmpty` where somebody asked for some tests only
 * @returns {{ passed: number, failed: number, skipped: string[], complaints: string[] }} skipped tests by name, and everything
 *   that keeps the whole from being good: a failure, a project without results, one without a test that ran
 */
export function sum(results, { mayBeEmpty = false } = {}) {
  const total = { passed: 0, failed: 0, skipped: [], complaints: [] };
  for (const [project, result] of Object.entries(results)) {
    if (!result) {
      total.complaints.push(`${project}: no results were written`);
      continue;
    }
    // A suite that did not even load has no failed test, and is a failure all the same.
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    total.passed += result.numPassedTests;
    total.failed += failed;
    for (const { assertionResults } of result.testResults) {
      const left = assertionResults.filter(({ status }) => status === 'pending' || status === 'todo');
      total.skipped.push(...left.map(({ fullName }) => `${project}: ${fullName}`));
    }
    if (failed > 0 || !result.success) total.complaints.push(`${project}: ${failed} failed`);
    else if (result.numTotalTests === 0 && !mayBeEmpty) total.complaints.push(`${project}: no test was found`);
  }
  return total;
}

/** The one line that says it all. */
export const inOneLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped.length} skipped`;

/**
 * @param {readonly string[]} projects
 * @param {Parameters<typeof sum>[1]} [options]
 * @returns {Promise<ReturnType<typeof sum>>}
 */
export async function readResults(projects, options) {
  const read = async (project) => {
    const text = await readFile(resultsFile(project), 'utf8').catch(() => undefined);
    return [project, text && JSON.parse(text)];
  };
  return sum(Object.fromEntries(await Promise.all(projects.map(read))), options);
}

// `node scripts/results.mjs unit e2e …` ends a CI run, in which a test that did not run counts as one that failed.
whenStarted(import.meta.url, async (projects) => {
  const total = await readResults(projects);
  for (const complaint of total.complaints) console.log(complaint);
  for (const name of total.skipped) console.log(`skipped ${name}`);
  console.log(inOneLine(total));
  return total.complaints.length + total.skipped.length > 0 ? 1 : 0;
});
