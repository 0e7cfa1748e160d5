/** Large observations behind short handles. A handle opens only inside its own session, whoever has guessed or kept it. */

export interface Artifact {
  readonly callId: string;
  readonly contentType: string;
  /** Size of the whole artifact, also when only a slice was asked for. */
  readonly bytesTotal: number;
  readonly bytes: Uint8Array;
}

export interface ArtifactStore {
  /**
   * Keeps the bytes and returns their handle. The handle follows from the call and the bytes: putting the same again
   * returns the same handle and stores nothing. Faults: invalid ARTIFACT_TOO_LARGE with `bytes` and `bytesMax`.
   */
  put(tenant: string, sessionId: string, callId: string, bytes: Uint8Array, contentType: string): Promise<string>;

  /** Undefined when this session has no such artifact. A slice past the end is shorter, or empty. */
  get(
    tenant: string,
    sessionId: string,
    handle: string,
    slice?: { readonly offset: number; readonly length: number },
  ): Promise<Artifact | undefined>;
}
