/**
 * What is wrong with a document by the rules of OpenAPI itself, as the parser library finds it. Documents of real APIs
 * break a rule here and there, so these are told and do not stop an import.
 */
import { validate } from '@readme/openapi-parser';

const problemsMax = 10;
const timeoutMs = 60_000;

/** Each in one line. Nothing outside of the document is read. */
export async function documentProblems(parsed: object): Promise<string[]> {
  const options = {
    // The library would read whatever a reference names.
    resolve: { external: false, file: false },
    dereference: { circular: 'ignore' as const },
    timeoutMs,
  };
  try {
    // It writes into what it is given.
    const result = await validate(structuredClone(parsed) as Parameters<typeof validate>[0], options);
    const found = [...(result.valid ? [] : result.errors), ...result.warnings];
    return found.slice(0, problemsMax).map(({ message }) => firstLine(message));
  } catch (error) {
    // Also references that lead nowhere: the operations that hold them are reported on their own.
    return [firstLine(error instanceof Error ? error.message : String(error))];
  }
}

const firstLine = (text: string) => text.split('\n')[0]!.slice(0, 300);
