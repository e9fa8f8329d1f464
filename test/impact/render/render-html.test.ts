import { renderHtml } from '../../../src/impact';
import { HOSTILE, REPORTS, hostileReport } from './reports';

/** Tags in the order they come; an attribute's value may hold a `>`. */
function tags(html: string): string[] {
  return [...html.replace(/<style>[\s\S]*?<\/style>/, '').matchAll(/<(\/?[a-z][a-z0-9]*)(?:\s[^<>"]*(?:"[^"]*"[^<>"]*)*)?\/?>/g)].map(([, tag]) => tag!);
}

test.each(Object.entries(REPORTS))('the page needs nothing from elsewhere and runs nothing: %s', (_, report) => {
  const html = renderHtml(report);
  expect(html).toContain(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`);
  expect(html).not.toMatch(/<script|\bsrc=|<link|@import|url\(|\son\w+=|https?:/i);
});

test.each(Object.entries(REPORTS))('a screen reader finds title, language, headings and the figures as text: %s', (_, report) => {
  const html = renderHtml(report);
  expect(html).toContain('<html lang="en">');
  expect(html.match(/<h1>/g)).toHaveLength(1);
  expect(html).toMatch(/<title>Quorum[^<]+<\/title>/);
  const picture = html.includes('<svg');
  expect(html.includes('role="img" aria-labelledby="picture-title picture-text"')).toBe(picture);
  expect(/<desc id="picture-text">Now: \d+ voters/.test(html)).toBe(picture);
  expect(html.includes('<th scope="col">Step</th>')).toBe(report.steps.length > 0);
  expect(html.match(/<th scope="row">/g)?.length ?? 0).toBe(report.steps.length === 0 ? 0 : report.steps.length + 1);
});

test.each([...Object.values(REPORTS).map(report => [report.summary, report] as const), ...HOSTILE.map(text => [text, hostileReport(text)] as const)])('every element is closed, names make none: %j', (_, report) => {
  const open: string[] = [];
  for (const tag of tags(renderHtml(report)).filter(each => !['meta', 'rect', 'line', 'circle', 'path'].includes(each))) {
    if (tag.startsWith('/')) expect(open.pop()).toBe(tag.slice(1));
    else open.push(tag);
  }
  expect(open).toEqual([]);
});

test('names make no elements and no attributes: the page of hostile names has the tags of one of harmless names', () => {
  // Zones are ordered by name, so the order says nothing.
  const tagsOf = (text: string): string[] => tags(renderHtml(hostileReport(text))).sort();
  const harmless = tagsOf('zzz');
  for (const text of HOSTILE) expect({ text, tags: tagsOf(text) }).toEqual({ text, tags: harmless });
});

test('light and dark have enough contrast to be read: 4.5 to 1 for every text', () => {
  const style = /<style>([\s\S]*?)<\/style>/.exec(renderHtml(REPORTS.grow!))![1]!;
  const [light, dark] = [...style.matchAll(/:root \{([^}]*)\}/g)].map(([, rules]) => Object.fromEntries([...rules!.matchAll(/--([\w-]+): (#[0-9a-f]+)/g)].map(([, name, value]) => [name, value]))) as [Record<string, string>, Record<string, string>];
  for (const theme of [light, dark]) {
    for (const back of ['page', 'card', 'stripe']) for (const text of ['text', 'soft', 'good', 'warn', 'bad', 'accent']) expect({ back, text, ratio: contrast(theme[text]!, theme[back]!) >= 4.5 }).toEqual({ back, text, ratio: true });
    for (const tone of ['good', 'warn', 'bad']) expect({ tone, ratio: contrast(theme[tone]!, theme[`${tone}-back`]!) >= 4.5 }).toEqual({ tone, ratio: true });
  }
});

/** WCAG 2.2, relative luminance. */
function contrast(a: string, b: string): number {
  const luminance = (color: string): number => {
    const hex = color.length === 4 ? [...color.slice(1)].map(digit => digit + digit) : color.slice(1).match(/../g)!;
    const [red, green, blue] = hex.map(part => parseInt(part, 16) / 255).map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as [number, number, number];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark, light] = [luminance(a), luminance(b)].sort((one, other) => one - other) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
