import { MARKDOWN_MARKER, renderMarkdown } from '../../../src/impact';
import { HOSTILE, REPORTS, hostileReport } from './reports';

test('five shrink to three, confirmed', () => {
  expect(renderMarkdown(REPORTS.confirmed!)).toMatchInlineSnapshot(`
"<!-- llmos-nodes impact -->
## ▼ Quorum: lowered · prod

**5 → 3 management nodes, tolerating 1 failure instead of 2.**

> [!WARNING]
> **Lowered**: the failure tolerance goes from 2 to 1

| | before | after | lowest on the way |
|---|---:|---:|---:|
| management nodes | 5 | **3** |  |
| majority | 3 | **2** |  |
| may fail | 2 | **1** | 1 |
| zones may fail | 1 | 1 | 0 |

\`\`\`mermaid
flowchart LR
s0["●●●○○<br/>5 voters, majority 3<br/>may fail#58; 2, 1 zone"]:::good
s0 -->|"m5 leaves"| s1["●●●○<br/>4 voters, majority 3<br/>may fail#58; 1, 0 zones"]:::less
s1 -->|"m4 leaves"| s2["●●○<br/>3 voters, majority 2<br/>may fail#58; 1, 1 zone"]:::less
classDef good fill:#dafbe1,stroke:#1a7f37,color:#0f2d17
classDef less fill:#fff8c5,stroke:#9a6700,color:#3b2300
classDef none fill:#ffebe9,stroke:#cf222e,color:#4c0a10
\`\`\`

| step | change | voters | majority | may fail | zones | zones may fail |
| --- | --- | --- | --- | --- | --- | --- |
| now | before the change | ●●●○○ 5 | 3 | 2 | a 2 · b 2 · c 1 | 1 |
| 1 | − m5 leaves | ●●●○ 4 | 3 | 1 | a 2 · b 1 · c 1 | 0 |
| 2 | − m4 leaves | ●●○ 3 | 2 | 1 | a 1 · b 1 · c 1 | 1 |

● needed for a majority, ○ may fail

**Zones**

\`\`\`mermaid
flowchart LR
subgraph z0["zone a"]
  direction TB
  z0v0["m1"]:::stays
  z0v0 ~~~ z0v1["m4 leaves"]:::gone
end
subgraph z1["zone b"]
  direction TB
  z1v0["m2"]:::stays
  z1v0 ~~~ z1v1["m5 leaves"]:::gone
end
subgraph z2["zone c"]
  direction TB
  z2v0["m3"]:::stays
end
z0 ~~~ z1 ~~~ z2
classDef good fill:#dafbe1,stroke:#1a7f37,color:#0f2d17
classDef less fill:#fff8c5,stroke:#9a6700,color:#3b2300
classDef none fill:#ffebe9,stroke:#cf222e,color:#4c0a10
classDef stays fill:#ddf4ff,stroke:#0969da,color:#0a2742
classDef gone fill:#f6f8fa,stroke:#6e7781,color:#57606a,stroke-dasharray:4 3
\`\`\`

**Risked on the way**
- after step 1 the cluster tolerates no lost zone for a while

<details>
<summary>Leaves (2)</summary>

- m4\\: management, zone a, confirmed
- m5\\: management, zone b, confirmed

</details>

<details>
<summary>Also changes (2)</summary>

- LLMOS none → v0.3.1
- label example.com/rack\\: none → r1 (w1)

</details>
"
`);
});

test.each(Object.entries(REPORTS))('every comment begins with the one marker by which it is found again: %s', (_, report) => {
  const text = renderMarkdown(report);
  expect(text.startsWith(`${MARKDOWN_MARKER}\n`)).toBe(true);
  expect(text.split(MARKDOWN_MARKER)).toHaveLength(2);
  expect(MARKDOWN_MARKER).toBe('<!-- llmos-nodes impact -->');
});

test.each(Object.entries(REPORTS))('fences and folds are closed: %s', (_, report) => {
  const text = renderMarkdown(report);
  expect(text.match(/^```/gm)?.length ?? 0).toBe(2 * (text.match(/^```mermaid$/gm)?.length ?? 0));
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
});

test('a comment about ten thousand nodes fits into a comment', () => {
  expect(renderMarkdown(REPORTS['ten thousand']!).length).toBeLessThan(5000);
});

test.each(HOSTILE)('a name is no markup, no link, no mention and no row: %j', text => {
  const markdown = renderMarkdown(hostileReport(text));
  const outside = markdown.replace(/```mermaid[\s\S]*?```/g, '');
  expect(outside.replace(/<!-- -->|<!-- llmos-nodes impact -->|<\/?details>|<\/?summary>/g, '')).not.toMatch(/(?<!^)(?<!^> ?)[<>](?!\s|$)/m);
  expect(outside).not.toMatch(/(?<!\\)(\[a\]\(|`|\*\*a|\$a)/);
  expect(outside).not.toMatch(/@octocat|(?<!&)#1(?!\d*;)/);
  expect(outside).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
  for (const line of outside.split('\n').filter(each => each.startsWith('| ') && each.includes('●'))) expect(line.match(/(?<!\\)\|/g)).toHaveLength(9);
});

test.each(HOSTILE)('a name stays a label in the picture: %j', text => {
  const pictures = [...renderMarkdown(hostileReport(text)).matchAll(/```mermaid\n([\s\S]*?)```/g)].map(([, picture]) => picture!);
  expect(pictures).toHaveLength(2);
  const line = /^(flowchart (LR|TB)|  direction TB|end|classDef .*|z\d+( ~~~ z\d+)*|subgraph z\d+\["[^"\\<>`%]*"\]|  (z\d+v\d+ ~~~ )?z\d+v\d+\["[^"\\<>`%]*"\]:::\w+|(s\d+ -->\|"[^"\\<>`%]*"\| )?s\d+\["([^"\\<>`%]|<br\/>)*"\]:::\w+)$/;
  for (const each of pictures.flatMap(picture => picture.trimEnd().split('\n'))) expect(each).toMatch(line);
});
