import { Problem } from '../../problem';

/** No API server answers for now: a wait goes on, everything else fails with it. */
export class Unavailable extends Problem {
  constructor(readonly reason: string) {
    super({ subject: 'API server', rule: reason, remedy: 'bring the management nodes back, then run the same command again' });
  }
}
