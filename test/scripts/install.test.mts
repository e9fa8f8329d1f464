import { matches } from '../../scripts/install.mjs';

const cdk8s = { version: '2.70.0', integrity: 'sha512-a' };
const wanted = {
  '': { version: '0.1.0' },
  'node_modules/cdk8s': cdk8s,
  'node_modules/only-for-macos': { version: '1.0.0', optional: true },
};

test('node_modules is current when every package is there, whatever our own version; optional ones may be missing', () => {
  expect(matches(wanted, { 'node_modules/cdk8s': cdk8s })).toBe(true);
});

test('node_modules is not current when a package is missing or another version', () => {
  expect(matches(wanted, {})).toBe(false);
  expect(matches(wanted, { 'node_modules/cdk8s': { ...cdk8s, version: '2.69.0' } })).toBe(false);
  expect(matches(wanted, { 'node_modules/cdk8s': { ...cdk8s, integrity: 'sha512-b' } })).toBe(false);
});

test('an optional package that is there must be the right one', () => {
  expect(matches(wanted, { 'node_modules/cdk8s': cdk8s, 'node_modules/only-for-macos': { version: '0.9.0' } })).toBe(false);
});
