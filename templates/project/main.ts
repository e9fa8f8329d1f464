// `cdk8s synth`: checks the definition and renders it to dist/ for review.
import { App } from 'cdk8s';

import { defineCluster } from './cluster';

const app = new App();
defineCluster(app);
app.synth();
