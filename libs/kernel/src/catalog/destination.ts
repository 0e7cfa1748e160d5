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

/** Names of kinds of the catalogue that are destinations. */
export const destinationKinds = ['Upstream', 'McpServer', 'Database', 'GrpcService'] as const;
