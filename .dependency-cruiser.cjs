// The arrows of the house: which folder of src/ may import which. What is not listed here is refused.
const mayImport = {
  quorum: [],
  llmos: ['problem.ts'],
  definition: ['quorum/', 'llmos/', 'problem.ts'],
  membership: ['quorum/', 'llmos/', 'problem.ts'],
  adapters: ['membership/', 'llmos/', 'problem.ts'],
  pulumi: ['definition/', 'membership/', 'adapters/', 'quorum/', 'llmos/', 'problem.ts'],
  impact: ['quorum/', 'llmos/', 'problem.ts'],
  policy: ['quorum/', 'problem.ts'],
  cli: ['quorum/', 'llmos/', 'definition/', 'membership/', 'adapters/', 'pulumi/', 'impact/', 'problem.ts'],
};

const arrows = Object.entries(mayImport).map(([folder, others]) => ({
  name: `arrows-of-${folder}`,
  comment: `${folder}/ may import ${others.join(', ') || 'nothing else of ours'}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [folder + '/', ...others].map((path) => `^src/${path.replace('.', '\\.')}`) },
}));

module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'adapters-only-when-needed',
      comment: 'pulumi/ loads an adapter where it is used (a dynamic import or a require in a function): a preview must not pay for SSH and Kubernetes clients',
      severity: 'error',
      from: { path: '^src/pulumi/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/adapters\\.ts$', dynamic: false, dependencyTypesNot: ['require', 'type-only', 'type-import'] },
    },
    {
      name: 'vocabulary-imports-nothing',
      comment: 'problem.ts is what everybody may use, so it uses nobody',
      severity: 'error',
      from: { path: '^src/problem\\.ts$' },
      to: { path: '^src/' },
    },
    { name: 'no-cycles', comment: 'a cycle has no order to be read in', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-missing-package', comment: 'whoever installs this library gets only its dependencies', severity: 'error', from: { path: '^src/' }, to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown'], dependencyTypesNot: ['npm-peer', 'type-only'] } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
