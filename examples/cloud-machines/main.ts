// main.ts — `cdk8s synth`
import * as pulumi from '@pulumi/pulumi';
import { App } from 'cdk8s';

import { defineCluster } from './cluster';

const app = new App();
// Nothing is made here, so no address is known: the rendered membership says so, and everything else is checked.
defineCluster(app, () => ({ address: pulumi.output('not known yet') }));
app.synth();
