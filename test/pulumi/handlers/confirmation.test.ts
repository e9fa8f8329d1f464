import { allowedRemoval } from '../../../src/pulumi/handlers/confirmation';
import { readSettings } from '../../../src/pulumi/settings';

const settings = (confirmRemoval?: string) => readSettings({ get: key => (key === 'llmos:confirmRemoval' ? confirmRemoval : undefined) });

test.each([
  ['that is not there', undefined, "--path 'llmos:confirmRemoval[0]' w2;"],
  ['that is empty', '[]', "--path 'llmos:confirmRemoval[0]' w2;"],
  ['that says nothing', ' ', "--path 'llmos:confirmRemoval[0]' w2;"],
  ['of names and choices', '["m5",{"name":"m2","removal":"unreachable"}]', "--path 'llmos:confirmRemoval[2]' w2;"],
  ['with an entry that cannot be read', '["m5",null]', "--path 'llmos:confirmRemoval[2]' w2;"],
  ['written by hand as a text', 'm5,m6,', "llmos:confirmRemoval 'm5, m6, w2';"],
])('what to type for a removal that is not confirmed keeps everything in a list %s', (_, written, typed) => {
  expect(() => allowedRemoval({ name: 'w2', cluster: 'prod' }, settings(written), [])).toThrow(`if that is meant: pulumi config set ${typed}`);
});

test('confirmations of the definition take no place in the stack\'s list', () => {
  expect(() => allowedRemoval({ name: 'w2', cluster: 'prod' }, settings(), [{ name: 'm5' }])).toThrow("'llmos:confirmRemoval[0]' w2;");
});
