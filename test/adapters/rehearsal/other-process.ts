// What the tests let another process do to a rehearsal: <what> <folder> <arguments…>.
import { openRehearsal } from '../../../src/adapters/rehearsal';
import { renderConfig } from '../../../src/llmos/config';

const [what = '', folder = '', ...rest] = process.argv.slice(2);
const rehearsed = openRehearsal(folder);

const deeds: Record<string, () => Promise<void>> = {
  async begin() {
    const [name = '', address = '', server = ''] = rest;
    const token = await rehearsed.machine({ name: 'm1', address: server }).joinToken();
    const host = rehearsed.machine({ name, address });
    await host.writeConfig(renderConfig({ nodeName: name, role: 'agent', server: `https://${server}:6443`, token }));
    await host.install({});
    // As if killed: nothing of what the process would have done next is done.
    process.exit(0);
  },
  async fence() {
    for (let count = 0; count < Number(rest[1]); count++) await rehearsed.api().fence(`${rest[0]}-${count}`);
  },
  async cordon() {
    await rehearsed.api().cordon(rest[0] ?? '', 'removal');
  },
};

void deeds[what]!();
