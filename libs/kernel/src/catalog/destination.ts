/** What calls of tools go to. Whatever it is, it has one name, one breaker, one limit and one place in quotas. */
export interface DestinationSpec {
  /** No two destinations share one, of whatever kind they are. */
  readonly name: string;
  readonly breaker: {
    readonly errorThresholdPercentage: number;
    readonly resetTimeoutMs: number;
    readonly volumeThreshold: number;
  };
}

/** What an executor reads from its environment for tools, and for manifests to name; its own settings have other names. */
export const credentialVariablePrefix = 'TOOLFLEET_CREDENTIAL_';
export const credentialVariable = new RegExp(`^${credentialVariablePrefix}[A-Z0-9_]{1,100}$`);

/** Names of kinds of the catalogue that are destinations. */
export const destinationKinds = ['Upstream', 'McpServer', 'Database', 'GrpcService'] as const;
