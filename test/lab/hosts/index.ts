export { Host, type SshOptions } from './host';
export { Lab, type LabOptions } from './lab';
export { type Outcome } from './run';
