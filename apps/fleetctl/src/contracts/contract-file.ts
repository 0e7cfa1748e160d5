/**
 * Contracts as YAML: a conversation with synthetic results, and what the model's next answer must be. Strict, with every
 * problem at its file and line; what the catalogue must have for a contract is checked elsewhere.
 */
import { apiVersion, placesIn, problemsOf } from '@toolfleet/platform/catalog';
import type { ManifestFile, Place, Problem } from '@toolfleet/platform/catalog';
import { compileCondition, faultKinds, limits, linearPattern } from '@toolfleet/kernel';
import { z } from 'zod';

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'is not a name');
const toolName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not the name of a tool');
const text = z.string().max(limits.inputBytesMax);
const listMax = 100;

const call = z.strictObject({ tool: toolName, arguments: z.record(z.string(), z.unknown()).default({}) });
const refusal = z.strictObject({
  kind: z.enum(faultKinds),
  reason: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'is not UPPER_SNAKE'),
  message: text,
  hint: text.optional(),
});

/** One of its fields; a result or a refusal answers the next call that has no answer yet. */
const message = z
  .strictObject({
    user: text.min(1).optional(),
    assistant: z.strictObject({ text: text.default(''), calls: z.array(call).max(listMax).default([]) }).optional(),
    result: z.unknown().optional(),
    refusal: refusal.optional(),
  })
  .refine((fields) => Object.keys(fields).length === 1, 'is one of user, assistant, result and refusal');

const condition = z.string().superRefine((source, context) => {
  try {
    compileCondition(source);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is no CEL expression: ${(error as Error).message}` });
  }
});

const pattern = z.string().superRefine((source, context) => {
  try {
    linearPattern(source);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is no RE2 pattern: ${(error as Error).message}` });
  }
});

const expectation = z
  .strictObject({
    call: z.strictObject({ oneOf: z.array(toolName).min(1).max(listMax) }).optional(),
    noCall: z.literal(true).optional(),
    arguments: z.array(condition).max(listMax).optional(),
    parallel: z
      .strictObject({ min: z.int().min(0).default(0), max: z.int().min(0).optional() })
      .refine(({ min, max = min }) => min <= max, 'has a min above its max')
      .optional(),
    text: pattern.optional(),
  })
  .refine((fields) => Object.keys(fields).length > 0, 'expects nothing')
  .refine(({ noCall, ...rest }) => !noCall || !(rest.call ?? rest.arguments ?? rest.parallel), {
    path: ['noCall'],
    error: 'leaves no call to expect anything of',
  });

const spec = z
  .strictObject({
    description: text.default(''),
    agent: name.optional(),
    /** In place of the agent's prompt and choice of tools. */
    system: text.optional(),
    tools: z.array(toolName).max(limits.toolsFoundMax).optional(),
    messages: z.array(message).min(1).max(1_000),
    expect: expectation,
    samples: z.int().min(1).max(1_000).default(1),
    passRate: z.number().gt(0).max(1).default(1),
  })
  .refine((fields) => fields.agent !== undefined || fields.tools !== undefined, 'names neither an agent nor tools')
  .superRefine(({ messages }, context) => {
    for (const { at, reason } of pairingProblems(messages)) {
      context.addIssue({ code: 'custom', path: ['messages', at], message: reason });
    }
  });

const document = z.strictObject({
  apiVersion: z.literal(apiVersion).default(apiVersion),
  kind: z.literal('Contract').default('Contract'),
  metadata: z.strictObject({ name }),
  spec,
});

export type ContractMessage = z.infer<typeof message>;
export type ContractSpec = z.infer<typeof spec>;
export type Expectation = z.infer<typeof expectation>;

export interface Contract {
  readonly name: string;
  readonly spec: ContractSpec;
  readonly file: string;
  /** The problem that something under `path` of the spec has. */
  problem(path: readonly PropertyKey[], reason: string): Problem;
}

export interface ReadContracts {
  readonly contracts: readonly Contract[];
  readonly problems: readonly Problem[];
}

/** A file holds any number of them, one a document. */
export function readContracts(files: readonly ManifestFile[]): ReadContracts {
  const contracts: Contract[] = [];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const file of files.filter(({ bytes }) => bytes === undefined)) {
    for (const place of placesIn(file)) {
      const content = place.errors.length > 0 ? null : place.content();
      problems.push(...place.errors);
      if (content === null) continue;
      const parsed = document.safeParse(content);
      if (!parsed.success) {
        problems.push(...problemsOf(parsed.error, []).map(({ path, reason }) => place.problem(path, reason)));
      } else if (seen.has(parsed.data.metadata.name)) {
        problems.push(place.problem(['metadata', 'name'], `there is a second contract ${parsed.data.metadata.name}`));
      } else {
        seen.add(parsed.data.metadata.name);
        contracts.push(contractOf(parsed.data, file.path, place));
      }
    }
  }
  return { contracts, problems };
}

function contractOf({ metadata, spec: content }: z.infer<typeof document>, file: string, place: Place): Contract {
  const named = place.named(`Contract/${metadata.name}`);
  return {
    ...{ name: metadata.name, spec: content, file },
    problem: (path, reason) => named.problem(['spec', ...path], reason),
  };
}

/** Providers refuse a call without a result and a result without a call; the last word must not be the model's. */
function* pairingProblems(messages: readonly ContractMessage[]): Iterable<{ at: number; reason: string }> {
  let open = 0;
  for (const [at, said] of messages.entries()) {
    if ('result' in said || said.refusal) {
      if (open === 0) yield { at, reason: 'answers no call' };
      else open -= 1;
      continue;
    }
    if (open > 0) yield { at, reason: `comes before ${open} calls have their result` };
    open = said.assistant?.calls.length ?? 0;
  }
  if (open > 0) yield { at: messages.length - 1, reason: `leaves ${open} calls without a result` };
  else if (messages.at(-1)?.assistant) yield { at: messages.length - 1, reason: 'leaves the model nothing to answer' };
  if (messages[0] && messages[0].user === undefined) yield { at: 0, reason: 'is not the first message of a user' };
}
