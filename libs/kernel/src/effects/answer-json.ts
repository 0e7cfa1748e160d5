/** The JSON of a tool's answer, for expressions of manifests. */

/** Parsing more would hold up every other call of the process for longer than 20 ms. */
const parsedBytesMax = 2 * 1024 * 1024;

/** Undefined when it is no JSON, or too much to be looked into. */
export function answerJsonOf(body: Uint8Array): unknown {
  if (body.byteLength > parsedBytesMax) return undefined;
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
