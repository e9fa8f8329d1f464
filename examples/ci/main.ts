// main.ts — `npm run synth` renders each definition to the dist/ beside it
import { App, YamlOutputType } from 'cdk8s';
import type { ClusterChart } from 'llmos-nodes';

const [folder] = process.argv.slice(2);
const { defineCluster } = require(`./${folder}/cluster`) as { defineCluster(app: App): ClusterChart };

const app = new App({ yamlOutputType: YamlOutputType.FILE_PER_CHART });
defineCluster(app);
app.synth();
