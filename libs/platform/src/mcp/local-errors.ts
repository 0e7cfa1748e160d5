/**
 * Ends of a request that this side found out, put to the library as the error answers that it knows: it would wait for an
 * answer that cannot come any more. The codes are of the range that JSON-RPC leaves to implementations.
 */
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/client';

export const localErrorCodes = { answerTooLarge: -32_097, answerLost: -32_098 } as const;

type LocalError = keyof typeof localErrorCodes;

const words: Readonly<Record<LocalError, string>> = {
  answerTooLarge: 'The answer is larger than allowed.',
  answerLost: 'The connection ended without an answer.',
};

export function localError(id: RequestId, error: LocalError): JSONRPCMessage {
  return { jsonrpc: '2.0', id, error: { code: localErrorCodes[error], message: words[error] } };
}
