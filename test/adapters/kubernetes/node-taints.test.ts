import * as fc from 'fast-check';
import type { V1Node, V1Taint } from '../../../src/adapters/kubernetes/kubernetes-types';
import { TAINTS_ANNOTATION, ownTaints } from '../../../src/adapters/kubernetes/node-taints';
import { type Taint, formatTaint } from '../../../src/llmos/node';

const taint: fc.Arbitrary<Taint> = fc.record({
  key: fc.constantFrom('gpu', 'batch', 'test.example/disk'),
  value: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
  effect: fc.constantFrom('NoSchedule' as const, 'PreferNoSchedule' as const, 'NoExecute' as const),
});
const idOf = ({ key, effect }: Taint | V1Taint) => `${key}:${effect}`;
const taints = fc.uniqueArray(taint, { selector: idOf, maxLength: 6 });

function node(present: readonly V1Taint[], owned = ''): V1Node {
  return { metadata: { annotations: owned === '' ? {} : { [TAINTS_ANNOTATION]: owned } }, spec: { taints: [...present] } };
}

const text = (list: readonly V1Taint[]) => list.map((each) => formatTaint(each as Taint)).sort();

test('after any row of changes a node has what was declared last and every foreign taint, and nothing else', () => {
  fc.assert(fc.property(taints, fc.array(taints, { minLength: 1, maxLength: 4 }), (foreign, declarations) => {
    let state = node(foreign);
    for (const declared of declarations) {
      const { taints: wanted, owned } = ownTaints(state, declared);
      state = node(wanted, owned);
    }
    const everDeclared = new Set(declarations.flat().map(idOf));
    const untouched = foreign.filter((each) => !everDeclared.has(idOf(each)));
    expect(text(state.spec!.taints!)).toEqual(text([...untouched, ...declarations.at(-1)!]));
  }));
});

test('declaring the same again changes nothing', () => {
  fc.assert(fc.property(taints, taints, (foreign, declared) => {
    const { taints: wanted, owned } = ownTaints(node(foreign), declared);
    expect(ownTaints(node(wanted, owned), declared)).toEqual({ taints: wanted, owned, changed: false });
  }));
});

test('a taint that is right already keeps the time it was added at', () => {
  const present = { key: 'gpu', value: 'yes', effect: 'NoExecute', timeAdded: new Date() };
  expect(ownTaints(node([present]), [{ key: 'gpu', value: 'yes', effect: 'NoExecute' }])).toEqual({ taints: [present], owned: 'gpu:NoExecute', changed: true });
});
