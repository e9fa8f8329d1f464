// main.ts — `cdk8s synth`
import { App } from 'cdk8s';

import { defineCluster } from './cluster';

const app = new App();
defineCluster(app);
app.synth();
