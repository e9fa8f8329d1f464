/**
 * The yaml package's `parse`, its maps as Map where that is asked for. The package is loaded when it is first used: a program that
 * only declares a cluster imports this library, too, and should not wait for it.
 *
 * @throws YAMLParseError for text that is no YAML
 */
export function parseYaml(text: string, options?: { readonly mapAsMap: boolean }): unknown {
  const { parse } = require('yaml') as typeof import('yaml');
  return parse(text, options);
}
