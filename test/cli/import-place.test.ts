import { parseLogin } from '../../src/cli/import-place';

test.each([
  ['10.0.0.11', { user: 'root', host: '10.0.0.11' }],
  ['ops@10.0.0.11', { user: 'ops', host: '10.0.0.11' }],
  ['ops@m1.example.com:2222', { user: 'ops', host: 'm1.example.com', port: 2222 }],
  ['ops@[2001:db8::11]', { user: 'ops', host: '2001:db8::11' }],
  ['[2001:db8::11]:2222', { user: 'root', host: '2001:db8::11', port: 2222 }],
])('%s is a login', (text, login) => {
  expect(parseLogin(text)).toEqual(login);
});

test.each(['', 'ops@', '@m1', '2001:db8::11', 'ops @m1', 'ops@m1:ssh', 'ssh://ops@m1', 'a@b@c'])('%j is none', text => {
  expect(() => parseLogin(text)).toThrow(`--ssh (${text}): it is no login on a host; write it like 'ops@10.0.0.11'`);
});
