/** What a tool behind HTTP is told of its call. */
export const toolHeaders = {
  /** Of writes: the same over every repetition, different for every call. */
  idempotencyKey: 'idempotency-key',
  /**
   * What is left of the call's time, in milliseconds, as gRPC does it: relative, because clocks of two machines differ. A tool
   * that cannot answer within it may stop at once; nobody reads what comes later.
   */
  timeLeftMs: 'x-request-timeout-ms',
} as const;

/** Not a credential's to set: that would break the request or the promise of single effects. */
export const reservedHeaders: readonly string[] = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'content-type',
  ...Object.values(toolHeaders),
];
