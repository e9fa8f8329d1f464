import { parseSelector } from '../../src/cli/nodes-selector';

const labels = { pool: 'gpu', 'topology.kubernetes.io/zone': 'a', empty: '' };

test.each([
  'pool=gpu', 'pool==gpu', 'pool = gpu', 'pool!=cpu', 'other!=x', 'pool', '!other', '! other', 'pool in (cpu, gpu)', 'pool in (gpu)', 'pool notin (cpu)', 'other notin (x)',
  'topology.kubernetes.io/zone=a', 'pool=gpu,topology.kubernetes.io/zone in (a,b),!other', 'empty=', 'empty in ()',
])('%s means a GPU node in zone a', text => {
  expect(parseSelector(text)(labels)).toBe(true);
});

test.each(['pool=cpu', 'pool!=gpu', 'other', '!pool', 'pool in (cpu)', 'other in (x)', 'pool notin (gpu, cpu)', 'pool=gpu,other', 'constructor'])('%s does not', text => {
  expect(parseSelector(text)(labels)).toBe(false);
});

test.each([
  ['', 'a part of it is empty'], ['a=b,', 'a part of it is empty'], ['a b', "'a b' is no requirement on a label"], ['a in b', "'a in b'"], ['a in (b', "'a in (b'"],
  ['-a=b', "'-a=b'"], ['a=b c', "'a=b c'"], ['a>1', "'a>1'"], ['a in (b c)', "'a in (b c)'"],
])('%j is refused with the part that cannot be read', (text, rule) => {
  expect(() => parseSelector(text)).toThrow(`selector (${text}): ${rule}`);
});
