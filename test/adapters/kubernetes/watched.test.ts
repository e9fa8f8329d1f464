import { answered, hanging } from '../../../src/adapters/kubernetes/api-error';
import type { KubernetesObject } from '../../../src/adapters/kubernetes/kubernetes-types';
import type { WatchEvent } from '../../../src/adapters/kubernetes/watch-stream';
import { type Objects, type WatchSource, Watched } from '../../../src/adapters/kubernetes/watched';
import { Deadline } from '../../../src/membership/deadline';

const SERVER = 'https://127.0.0.1:6443';

/** A source whose lists are given one by one and whose watches are held open. */
class Source implements WatchSource<KubernetesObject> {
  lists = 0;
  open = 0;
  emit!: (event: WatchEvent) => void;
  end!: (error?: Error) => void;

  constructor(private readonly answer: (list: number) => readonly string[] | Error) {}

  async list() {
    const names = this.answer(++this.lists);
    if (names instanceof Error) {
      throw names;
    }
    return { items: names.map(object), resourceVersion: String(this.lists) };
  }

  async watch(_version: string, _seconds: number, onEvent: (event: WatchEvent) => void, signal: AbortSignal) {
    if (signal.aborted) {
      return;
    }
    this.open++;
    this.emit = onEvent;
    await new Promise<void>((resolve, reject) => {
      this.end = (error) => (error === undefined ? resolve() : reject(error));
      signal.addEventListener('abort', () => resolve());
    }).finally(() => this.open--);
  }
}

function object(name: string): KubernetesObject {
  return { metadata: { name } };
}

const has = (name: string) => (objects: Objects<KubernetesObject>) => (
  objects.has(name) ? { done: true as const } : { done: false as const, reason: `${name} is missing` }
);

/** Waits, and calls back once at the first state that is not enough. */
async function untilThen(watched: Watched<KubernetesObject>, name: string, then: () => void) {
  let told = false;
  await watched.until('test', (objects) => {
    if (!told) {
      told = true;
      // Behind the list, when its watch is open.
      setImmediate(then);
    }
    return has(name)(objects);
  }, new Deadline(20));
}

test('a wait ends with the event that brings what it waits for, and its watch with it', async () => {
  const source = new Source(() => ['a']);
  await untilThen(new Watched(source), 'b', () => {
    source.emit({ type: 'BOOKMARK', object: object('b') });
    source.emit({ type: 'ADDED', object: object('b') });
  });
  await new Promise(setImmediate);
  expect(source).toMatchObject({ lists: 1, open: 0 });
});

test.each([
  ['broken off', hanging(SERVER, 'watch', 10)],
  ['told that its version is too old', answered(SERVER, 'watch', 410, { message: 'too old resource version' })],
  ['ended by the server', undefined],
])('a watch that is %s goes on with a new list', async (_, error) => {
  const source = new Source((list) => (list === 1 ? [] : ['b']));
  await untilThen(new Watched(source), 'b', () => source.end(error));
  expect(source.lists).toBe(2);
});

test('a wait never judges a state that may have been read before it began', async () => {
  const source = new Source((list) => (list === 1 ? ['old'] : ['new']));
  const watched = new Watched(source);
  const first = watched.until('first', has('old'), new Deadline(20));
  // The list of the first wait is under way by now.
  const second: string[][] = [];
  await watched.until('second', (objects) => {
    second.push([...objects.keys()]);
    return { done: true };
  }, new Deadline(20));
  await first;
  expect(second).toEqual([['new']]);
});

test('what was never allowed ends the wait at once, and what was allowed before is asked again', async () => {
  const forbidden = answered(SERVER, 'list', 403, { message: 'may not' });
  await expect(new Watched(new Source(() => forbidden)).until('test', has('b'), new Deadline(60))).rejects.toBe(forbidden);

  const source = new Source((list) => [[], forbidden, ['b']][list - 1]);
  await untilThen(new Watched(source), 'b', () => source.end());
  expect(source.lists).toBe(3);
});

test('the deadline says what was missing, and why nothing newer is known', async () => {
  const source = new Source((list) => (list === 1 ? [] : hanging(SERVER, 'list nodes', 10)));
  const watched = new Watched(source);
  const late = watched.until("node 'b'", (objects) => {
    setImmediate(() => source.end());
    return has('b')(objects);
  }, new Deadline(1));
  await expect(late).rejects.toThrow(/^node 'b': not done after 1 s \(last seen: b is missing; then the API server \(https:.*did not list nodes within 10 s/);
});

test('closing ends every wait', async () => {
  const source = new Source(() => []);
  const watched = new Watched(source);
  const closed = new Error('closed');
  await expect(untilThen(watched, 'b', () => watched.close(closed))).rejects.toBe(closed);
});

test('whoever follows is told of every state, and at once when it can be out of date', async () => {
  const source = new Source(() => ['a']);
  const ending = new AbortController();
  const seen: string[][] = [];
  const following = new Watched(source).follow((objects) => {
    seen.push([...objects.keys()]);
    if (objects.size === 1) {
      setImmediate(() => source.emit({ type: 'ADDED', object: object('b') }));
    } else {
      source.end(hanging(SERVER, 'watch', 10));
    }
  }, ending.signal);
  await expect(following).rejects.toThrow('API server');
  expect(seen).toEqual([['a'], ['a', 'b']]);
});

test('following ends quietly, and the watch with it', async () => {
  const source = new Source(() => ['a']);
  const ending = new AbortController();
  await new Watched(source).follow(() => setImmediate(() => ending.abort()), ending.signal);
  await new Promise(setImmediate);
  expect(source.open).toBe(0);
});
