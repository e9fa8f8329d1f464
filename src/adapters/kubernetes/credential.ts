import { ACCESS_USER } from '../../llmos/access';
import type { KubeConfig, KubernetesModule } from './kubernetes-types';

/** Whom requests are made as. */
export interface Credential {
  /** Good for the next request; the same object as long as nothing changed. */
  current(): Promise<KubeConfig>;
}

/** A token lives an hour and is renewed when ten minutes are left, so that no request starts with one about to end. */
const TOKEN_SECONDS = 3600;
const RENEW_BEFORE_SECONDS = 600;

/** The kubeconfig as it was given. */
export function givenCredential(config: KubeConfig): Credential {
  return { current: async () => config };
}

/** A token as TokenRequest hands it out. */
export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A token of the ServiceAccount, made with the given credential, which is kept in memory to make the next ones. */
export class ServiceAccountCredential implements Credential {
  private token?: { readonly config: KubeConfig; readonly renewAt: number };
  private renewal?: Promise<KubeConfig>;

  constructor(
    private readonly given: KubeConfig,
    private readonly kubernetes: KubernetesModule,
    private readonly issue: (seconds: number) => Promise<IssuedToken>,
    private readonly now: () => number = Date.now,
  ) {}

  async current(): Promise<KubeConfig> {
    if (this.token !== undefined && this.now() < this.token.renewAt) {
      return this.token.config;
    }
    // Many waits run at once; they share one renewal.
    this.renewal ??= this.renew().finally(() => {
      this.renewal = undefined;
    });
    return this.renewal;
  }

  private async renew(): Promise<KubeConfig> {
    const { token, expiresAt } = await this.issue(TOKEN_SECONDS);
    const config = new this.kubernetes.KubeConfig();
    config.loadFromClusterAndUser(this.given.getCurrentCluster()!, { name: ACCESS_USER, token });
    // An API server may hand out tokens that live shorter than was asked for.
    this.token = { config, renewAt: expiresAt - Math.min(RENEW_BEFORE_SECONDS * 1000, (expiresAt - this.now()) / 2) };
    return config;
  }
}
