/** What a tool behind HTTP is told of its call. */
export const toolHeaders = {
  /** Of writes: the same over every repetition, different for every call. */
  idempotencyKey: 'idempotency-key',
  /**
   * Of writes: a whole number that grows with each executor that takes the call over. A tool that keeps the highest of an
   * idempotency key and refuses a lower one cannot be written to by an executor that was thought dead.
   */
  epoch: 'toolfleet-epoch',
  /**
   * What is left of the call's time, in milliseconds, as gRPC does it: relative, because clocks of two machines differ. A tool
   * that cannot answer within it may stop at once; nobody reads what comes later.
   */
  timeLeftMs: 'x-request-timeout-ms',
} as const;

/** A token of RFC 9110. */
export const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** Not a credential's to set: that would break the request or the promise of single effects. */
export const reservedHeaders: readonly string[] = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'content-type',
  ...Object.values(toolHeaders),
];

/** Who a call is for comes from the upstream's credential, and what is sent from the driver: never from a model. */
const notOfArguments: readonly string[] = [...reservedHeaders, 'authorization', 'proxy-authorization', 'cookie'];

/** Whether an argument of a call may travel in the header of this name. */
export const isArgumentHeader = (name: string): boolean => !notOfArguments.includes(name.toLowerCase());
