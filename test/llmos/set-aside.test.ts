import { describeSetAside, readSetAside } from '../../src/llmos/set-aside';

const mark = { by: 'ops@laptop', since: '2026-11-23T03:00:00.000Z', cordoned: true };

test('what is written on the Node is read again', () => {
  expect(readSetAside(JSON.stringify(mark))).toEqual(mark);
  expect(readSetAside(undefined)).toBeUndefined();
});

test.each(['', 'true', '"x"', 'null', '{', '{"by":7,"cordoned":"yes"}'])('whatever a person writes there (%s) says that it is out of service, and never that its cordon is ours', text => {
  expect(readSetAside(text)).toMatchObject({ cordoned: false });
});

test('a message says who and since when', () => {
  expect(describeSetAside(mark)).toBe('ops@laptop took it out of service at 2026-11-23T03:00:00.000Z');
  expect(describeSetAside(readSetAside('')!)).toBe('somebody took it out of service');
});
