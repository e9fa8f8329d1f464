/** Architectures LLMOS has binaries for, in Go's words. */
export const ARCHITECTURES: readonly string[] = ['amd64', 'arm64'];

/** What LLMOS recommends for each node. Less works, slowly: worth a warning, never a refusal. */
export const RECOMMENDED = { cores: 8, memoryBytes: 16 * 2 ** 30 } as const;

/** `uname -m` in Go's words; an architecture without one is returned as the host says it. */
export function goArchitecture(machine: string): string {
  return { x86_64: 'amd64', aarch64: 'arm64' }[machine] ?? machine;
}
