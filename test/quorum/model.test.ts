import { answersRead, die, hasQuorum, moments, takeOut, type Cluster } from './model';

const voters = (count: number): Cluster => Array.from({ length: count }, (_, index) => ({ name: `m${index + 1}`, seat: 'voter', up: true, heard: true }));

test.each([[1, 0], [2, 0], [3, 1], [4, 1], [5, 2], [6, 2], [7, 3]])('the model agrees with the table of LLMOS: %i nodes tolerate %i failures', (size, tolerance) => {
  const deaths = voters(size).map(({ name }) => die(name));
  expect(moments(voters(size), deaths).map(hasQuorum)).toEqual(deaths.concat(deaths.slice(0, 1)).map((_, dead) => dead <= tolerance));
});

test('a removal at two voters commits while the leaving one is alive, and never once it was stopped', () => {
  const [alive] = moments(voters(2), [takeOut('m2')]).slice(-1);
  const [stopped] = moments(voters(2), [die('m2'), takeOut('m2')]).slice(-1);
  expect(alive.filter(({ seat }) => seat === 'voter').map(({ name }) => name)).toEqual(['m1']);
  expect(hasQuorum(alive)).toBe(true);
  expect(stopped.filter(({ seat }) => seat === 'voter')).toHaveLength(2);
  expect(hasQuorum(stopped)).toBe(false);
});

test('on the smaller side of a partition a member that is up answers no read, and between two halves nobody does', () => {
  const split = (sides: string): Cluster => voters(sides.length).map((machine, index) => ({ ...machine, side: sides[index] }));
  const answering = (cluster: Cluster): string[] => cluster.filter((machine) => answersRead(cluster, machine)).map(({ name }) => name);
  expect(answering(split('aab'))).toEqual(['m1', 'm2']);
  expect(answering(split('aabb'))).toEqual([]);
});
