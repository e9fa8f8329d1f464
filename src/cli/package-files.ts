import { join } from 'node:path';

/** The installed package: both src/cli and lib/cli are two folders below it. */
const PACKAGE = join(__dirname, '..', '..');

/** The project that `llmos-nodes init` writes. */
export const PROJECT_TEMPLATE = join(PACKAGE, 'templates', 'project');

/** Version of this package. */
export function version(): string {
  return (require(join(PACKAGE, 'package.json')) as { readonly version: string }).version;
}
