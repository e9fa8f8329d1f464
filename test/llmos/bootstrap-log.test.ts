import { logMeaning, logMessage, redact } from '../../src/llmos/bootstrap-log';

describe("LLMOS's bootstrap log", () => {
  test.each([
    ['time="2025-01-01T00:00:00Z" level=fatal msg="invalid config: invalid server URL: failed to check server URL: GET https://10.0.0.1:6443/ping giving up after 4 attempt(s)"', 'server-away'],
    ['level=fatal msg="invalid config: server url is not ready: "', 'server-away'],
    ['level=fatal msg="invalid config: invalid server URL: port must be 6443 or 9345"', 'other'],
    ['level=warning msg="failed to bootstrap system, will retry: failed to get cluster info: <nil>"', 'no-cluster-info'],
    ['level=info msg="Bootstrapping LLMOS v0.3.1"', 'other'],
  ])('%s means %s', (line, meaning) => {
    expect(logMeaning(line)).toBe(meaning);
  });

  test.each([
    ['time="2025-01-01T00:00:00Z" level=info msg="say \\"hello\\" now"', 'say "hello" now'],
    ['time="2025-01-01T00:00:00Z" level=info msg=done', 'done'],
    ['  [INFO]  plain words  ', '[INFO]  plain words'],
    ['msg="no level": not the format', 'msg="no level": not the format'],
  ])('%s reads %s', (line, message) => {
    expect(logMessage(line)).toBe(message);
  });

  test('is shown without the secrets in it', () => {
    expect(redact('Env:[K3S_TOKEN=s3cret] s3cret', ['s3cret', undefined, ''])).toBe('Env:[K3S_TOKEN=***] ***');
  });
});
