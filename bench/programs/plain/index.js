const { Config, dynamic } = require('@pulumi/pulumi');
const { management, workers } = require('../workers.cjs');

/** What somebody would write who only wants one resource a node. */
class PlainNode extends dynamic.Resource {
  constructor(name, inputs) {
    super({
      async check(_olds, news) { return { inputs: news, failures: [] }; },
      async diff() { return { changes: false }; },
      async create(news) { return { id: news.name, outs: news }; },
      async read(id, props) { return { id, props }; },
      async update(_id, _olds, news) { return { outs: news }; },
      async delete() {},
    }, name, inputs);
  }
}

for (const node of [...management.map(each => ({ ...each, role: 'management' })), ...workers(new Config('bench').requireNumber('workers')).map(each => ({ ...each, role: 'worker' }))]) {
  new PlainNode(`prod-${node.name}`, { cluster: 'prod', ...node });
}
