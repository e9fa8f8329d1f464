import { Problem } from '../../problem';

/** The machine did not answer, or the connection to it broke: it may do better later. */
export class Unreachable extends Problem {}

/** The machine answers and does not let the user in. One that was made a moment ago may not have its users yet. */
export class LoginRefused extends Problem {}
