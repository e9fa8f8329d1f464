import { Problem } from '../problem';

/** Pulumi, npm and Kubernetes all take such a name, and it leaves room for what is put behind it. */
const PROJECT_NAME = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** Whether a text can be the name of a cluster and its project. */
export function isProjectName(text: string): boolean {
  return PROJECT_NAME.test(text);
}

/** @throws Problem where the text cannot be the name of a cluster and its project */
export function requireProjectName(text: string): string {
  if (isProjectName(text)) return text;
  throw new Problem({
    subject: 'project name', value: text,
    rule: 'it is also the cluster\'s name, so it has 1 to 40 lower-case letters, digits and dashes, begins with a letter and ends with no dash',
    remedy: 'choose one with --name, such as --name prod',
  });
}
