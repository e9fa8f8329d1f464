import { SharedRead } from '../../../src/adapters/ssh/shared-read';

/** A question whose answers are given by hand; each is the number of the time it was put. */
class Question {
  put = 0;
  private readonly answers: ((error?: Error) => void)[] = [];

  read = (): Promise<number> => {
    const number = (this.put += 1);
    return new Promise((resolve, reject) => this.answers.push(error => (error ? reject(error) : resolve(number))));
  };

  async answer(error?: Error): Promise<void> {
    this.answers.shift()!(error);
    await new Promise(setImmediate);
  }
}

test('whoever asks while the question is on its way gets the answer to the next one, all of them the same', async () => {
  const question = new Question();
  const shared = new SharedRead(question.read);
  const first = shared.ask();
  const later = [shared.ask(), shared.ask(), shared.ask()];
  await question.answer();
  await question.answer();
  expect({ first: await first, later: await Promise.all(later), put: question.put }).toEqual({ first: 1, later: [2, 2, 2], put: 2 });
});

test('an answer that has come is not given again', async () => {
  const question = new Question();
  const shared = new SharedRead(question.read);
  for (const expected of [1, 2, 3]) {
    const asked = shared.ask();
    await question.answer();
    expect(await asked).toBe(expected);
  }
});

test('a question that fails, fails for those who put it and not for those who wait for the next', async () => {
  const question = new Question();
  const shared = new SharedRead(question.read);
  const first = shared.ask().catch((error: Error) => error.message);
  const next = shared.ask();
  await question.answer(new Error('the connection was lost'));
  await question.answer();
  expect([await first, await next]).toEqual(['the connection was lost', 2]);
});
