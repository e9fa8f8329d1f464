import type { ClusterSession, Server } from './session';

/** Another management node, which goes on answering while this one is away; this one where there is no other. */
export async function serverBeside(session: ClusterSession, name: string): Promise<Server> {
  try {
    return await session.server('join', name);
  } catch (error) {
    return session.server('join').catch(() => { throw error; });
  }
}
