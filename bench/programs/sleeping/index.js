const { Config, dynamic } = require('@pulumi/pulumi');
const { installSeconds, management, workers } = require('../workers.cjs');

/** A resource that takes its time to be made, and does nothing else. */
class Sleeper extends dynamic.Resource {
  constructor(name, inputs) {
    super({
      async create(news) {
        await new Promise(resolve => setTimeout(resolve, news.seconds * 1000));
        return { id: news.name, outs: news };
      },
      async delete() {},
    }, name, inputs);
  }
}

for (const node of management) new Sleeper(`prod-${node.name}`, { cluster: 'prod', ...node, seconds: 0 });
for (const [index, node] of workers(new Config('bench').requireNumber('workers')).entries()) {
  new Sleeper(`prod-${node.name}`, { cluster: 'prod', ...node, seconds: installSeconds(index) });
}
