import { stripVTControlCharacters } from 'node:util';

import { renderText } from '../../../src/impact';
import { HOSTILE, REPORTS, hostileReport } from './reports';

test('three grow to five', () => {
  expect(renderText(REPORTS.grow!)).toMatchInlineSnapshot(`
"▲ RAISED  prod: 3 → 5 management nodes, tolerating 2 failures instead of 1

  management nodes   3 → 5
  majority           2 → 3
  may fail           1 → 2
  zones may fail     1       0 on the way

  STEP   CHANGE              VOTERS   MAY FAIL   ZONES             ZONES MAY FAIL
  now    before the change   ●●○      1          a 1 · b 1 · c 1   1
  1      + m4 joins          ●●●○     1          a 2 · b 1 · c 1   none
  2      + m5 joins          ●●●○○    2          a 2 · b 2 · c 1   1
  ● needed for a majority, ○ may fail

Risked on the way
  - after step 1 the cluster tolerates no lost zone for a while

Joins
  - m4: management, zone a
  - m5: management, zone b
"
`);
});

test('five shrink to three and nobody confirmed it: a refused preview holds the reasons', () => {
  expect(renderText(REPORTS.unconfirmed!, { width: 80 })).toMatchInlineSnapshot(`
"✗ NOT CONFIRMED  the preview was refused: a removal is not confirmed

  not confirmed: removal from cluster 'prod' (m4, m5): a node is removed only
    when its name was confirmed; this one takes the failure tolerance from 2 to
    1
    → if that is meant: pulumi config set --path 'llmos:confirmRemoval[0]' m4 &&
      pulumi config set --path 'llmos:confirmRemoval[1]' m5
"
`);
});

test('a dead member', () => {
  expect(renderText(REPORTS['a dead member']!)).toMatchInlineSnapshot(`
"✗ UNSAFE  prod: 3 → 5 management nodes, tolerating 2 failures instead of 1

  unsafe: step 1 (join m4): 2 of 3 voters are healthy; joining m4 makes 4 voters: majority 3 would
    not hold before m4 is healthy
    → repair or remove m3 first

  management nodes   3 → 5
  majority           2 → 3
  may fail           1 → 2
  zones may fail     1       0 on the way

  STEP   CHANGE              VOTERS   MAY FAIL   ZONES             ZONES MAY FAIL   MEMBERS
  now    before the change   ●●○      1          a 1 · b 1 · c 1   1
  1      + m4 joins          ●●●○     1          a 2 · b 1 · c 1   none             ✗ refuse it
  2      + m5 joins          ●●●○○    2          a 2 · b 2 · c 1   1
  ● needed for a majority, ○ may fail

Risked on the way
  - after step 1 the cluster tolerates no lost zone for a while

Joins
  - m4: management, zone a
  - m5: management, zone b

Health of the members
  - 2 of 3 voters answer; the majority is 2
  - m3 does not answer
"
`);
});

test('ten thousand nodes are a page', () => {
  const text = renderText(REPORTS['ten thousand']!);
  expect(text).toContain('w9001 … w9998 (998): worker');
  expect(text.split('\n').length).toBeLessThan(30);
});

test.each(Object.entries(REPORTS))('without colour there is no escape sequence, and with it nothing but colour is added: %s', (_, report) => {
  const plain = renderText(report);
  expect(plain).toBe(stripVTControlCharacters(plain));
  expect(stripVTControlCharacters(renderText(report, { color: true }))).toBe(plain);
});

test.each([50, 80, 120])('no line is wider than a terminal of %i columns', width => {
  for (const [name, report] of Object.entries(REPORTS)) {
    const tooWide = renderText(report, { width }).split('\n').filter(line => [...line].length > width);
    expect({ name, tooWide }).toEqual({ name, tooWide: [] });
  }
});

test.each(HOSTILE)('a name gives the terminal no orders: %j', text => {
  expect(renderText(hostileReport(text), { color: false })).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});
