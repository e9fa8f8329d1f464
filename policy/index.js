// The pack that `pulumi preview --policy-pack` runs. What it enforces is in the library, where it is typed and tested.
const { PolicyPack } = require('@pulumi/policy');
const { policies } = require('llmos-nodes/lib/policy');

new PolicyPack('llmos-nodes', { policies });
