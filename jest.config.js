// Unit, property and snapshot tests are one project; what needs the Pulumi engine, an API server or real hosts is another,
// so that each can be asked for alone and a missing one can be told from a failed one.
const base = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.[mc]?[jt]s$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }] },
  // @kubernetes/client-node and what it imports are ES modules only; jest runs CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!(@kubernetes/client-node|openid-client|oauth4webapi|jose|p-retry|is-network-error)/)'],
  modulePathIgnorePatterns: ['<rootDir>/lib/', '<rootDir>/examples/.*/dist/', '<rootDir>/.llmos-nodes/'],
};
const project = (name, testMatch, extra = {}) => ({ ...base, displayName: name, testMatch, ...extra });

module.exports = {
  // For what hangs. How fast a test is says nothing on a machine with other work.
  testTimeout: 120_000,
  projects: [
    project('unit', ['<rootDir>/test/{quorum,definition,llmos,membership,adapters,pulumi,impact,policy,cli,docs,scripts}/**/*.test.{ts,mts}']),
    project('e2e', ['<rootDir>/test/{e2e,ci}/**/*.test.ts']),
    project('package', ['<rootDir>/test/package/**/*.test.ts']),
    project('lab', ['<rootDir>/test/lab/**/*.test.ts']),
    project('bench', ['<rootDir>/bench/lab/**/*.test.ts']),
  ],
};
