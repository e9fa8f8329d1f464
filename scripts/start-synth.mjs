// `cdk8s synth` on the quickstart, and of what it renders the part that people review.

/** @param {ReturnType<typeof import('./start-shell.mjs').shell>['type']} type */
export async function synth(type) {
  // Whether there is a newer cdk8s-cli is none of the tour's business, and asking takes the internet.
  await type(['npx', 'cdk8s', 'synth'], { quiet: ['--check-upgrade=false'] });
  await type(['sed', '-n', '/membership.yaml/,/^[^ ]/p', 'dist/quickstart.k8s.yaml'], { show: (line) => (line.startsWith(' ') ? { text: line } : undefined) });
}
