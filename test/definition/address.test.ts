import { isHost } from '../../src/definition/address';

test.each(['m1', 'm1.example.com', 'M1', '3com.example', '192.0.2.1', '::1', 'fd00::11', 'a'.repeat(63)])('%s is a host', (address) => {
  expect(isHost(address)).toBe(true);
});

test.each(['', ' m1', 'm1.', 'a b', 'a_b', '[::1]', '1.2.3', '1.2.3.4.5', 'http://m1', 'm1:22', `${'a.'.repeat(127)}aa`])('%p is no host', (address) => {
  expect(isHost(address)).toBe(false);
});
