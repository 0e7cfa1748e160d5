/**
 * Checks arguments against a tool's JSON Schema, draft 2020-12 or 7. Patterns of tenants run on RE2 semantics, so their
 * time is linear in the input; a schema is compiled once per definition. What cannot be kept is refused when the tool
 * enters the catalogue: other drafts, patterns that need backtracking, documents elsewhere, references that move.
 */
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, Options, ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { RE2JS } from 're2js';
import type { ArgumentCheck } from '../catalog/manifest.js';
import { compileCondition, type Condition } from '../condition.js';
import { invalid, type Fault } from '../fault.js';
import { schemaFlaw, type Draft, draftOf } from './schema-limits.js';

interface Schemed {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly checks?: readonly ArgumentCheck[] | undefined;
}

/** Problems told to the model at once: more than a few only cost tokens. */
const problemsMax = 5;

type RegExpEngine = { (pattern: string, flags: string): { test(text: string): boolean }; code: string };

const linearRegExp = ((pattern: string) => {
  const compiled = RE2JS.compile(pattern);
  // Ajv keeps patterns by their text form: without one of its own, every pattern would be the first one compiled.
  return { test: (text: string) => compiled.matcher(text).find(), toString: () => `/${pattern}/u` };
}) as unknown as RegExpEngine;
linearRegExp.code = 'linearRegExp';

/** Ajv keeps every schema that it ever compiled, so an engine is given up before changed tools make it large. */
const compilesPerEngine = 200;

const addFormats = addFormatsModule as unknown as (ajv: Ajv | Ajv2020) => void;

function newEngine(draft: Draft, formats: FormatMode, addUsedSchema: boolean): Ajv | Ajv2020 {
  const options: Options = {
    ...{ allErrors: false, strict: false, logger: false, addUsedSchema },
    // A name that every object inherits is not a property that somebody has sent.
    ownProperties: true,
    validateFormats: formats === 'assert',
    code: { regExp: linearRegExp as never },
  };
  const ajv = draft === 'draft-07' ? new Ajv(options) : new Ajv2020(options);
  if (formats === 'assert') addFormats(ajv);
  return ajv;
}

/** `assert`: a text must have the form that `format` names. The drafts themselves leave that open: `annotate`. */
export type FormatMode = 'assert' | 'annotate';

export class ArgumentValidators {
  readonly #engines = new Map<Draft, { ajv: Ajv | Ajv2020; compiles: number }>();
  /** Keyed by the schema object itself: a changed tool brings a new object, and the old one is collected in time. */
  readonly #compiled = new WeakMap<object, ValidateFunction>();
  readonly #conditions = new WeakMap<object, readonly Condition[]>();

  constructor(private readonly formats: FormatMode = 'assert') {}

  /** Throws `invalid` SCHEMA_INVALID or SCHEMA_UNSUPPORTED; called when a tool enters the catalogue. */
  compile({ name, parameters }: Schemed): ValidateFunction {
    const known = this.#compiled.get(parameters);
    if (known) return known;
    const flaw = schemaFlaw(parameters);
    if (flaw !== undefined) throw invalid('SCHEMA_UNSUPPORTED', `The parameters of tool ${name} ${flaw}.`);
    try {
      const validate = this.#engineFor(parameters).compile(parameters);
      this.#compiled.set(parameters, validate);
      return validate;
    } catch (cause) {
      if (cause instanceof Ajv.MissingRefError) throw elsewhere(name, cause.missingRef);
      throw invalid('SCHEMA_INVALID', `The parameters of tool ${name} are not a valid JSON Schema.`, { cause });
    }
  }

  /** Throws `invalid` ARGUMENTS_INVALID with a hint that says what to change. */
  check(tool: Schemed, args: Readonly<Record<string, unknown>>): void {
    const validate = this.compile(tool);
    if (validate(args)) return this.#checkAcross(tool, args);
    const problems = (validate.errors ?? []).slice(0, problemsMax).map(problemOf);
    throw invalid('ARGUMENTS_INVALID', `The arguments of ${tool.name} do not fit its parameters.`, {
      hint: `Correct the arguments and call again: ${problems.join('; ')}.`,
      details: { problems: problems.join('; ') },
    });
  }

  /** A check that cannot be evaluated does not hold: it was written to keep something out. */
  #checkAcross({ name, checks = [] }: Schemed, args: Readonly<Record<string, unknown>>): void {
    if (checks.length === 0) return;
    let conditions = this.#conditions.get(checks);
    if (conditions === undefined) {
      conditions = checks.map(({ condition }) => compileCondition(condition));
      this.#conditions.set(checks, conditions);
    }
    const failed = checks.find((_, index) => conditions[index]?.({ args }) !== true);
    if (failed === undefined) return;
    throw invalid('ARGUMENTS_INVALID', `The arguments of ${name} do not fit together.`, {
      hint: `Correct the arguments and call again: ${failed.message}`,
      details: { problems: failed.message },
    });
  }

  /** Two tools may share an `$id`, and an engine knows each id once: a schema that has one gets an engine of its own. */
  #engineFor(schema: Readonly<Record<string, unknown>>): Ajv | Ajv2020 {
    const draft = draftOf(schema);
    if ('$id' in schema) return newEngine(draft, this.formats, true);
    let engine = this.#engines.get(draft);
    if (engine === undefined || engine.compiles >= compilesPerEngine) {
      this.#engines.set(draft, (engine = { ajv: newEngine(draft, this.formats, false), compiles: 0 }));
    }
    engine.compiles += 1;
    return engine.ajv;
  }
}

const elsewhere = (name: string, reference: string): Fault =>
  invalid('SCHEMA_UNSUPPORTED', `The parameters of tool ${name} refer to ${JSON.stringify(reference.slice(0, 200))}.`, {
    hint: 'Copy what is there into $defs: a schema holds all that it refers to.',
  });

function problemOf(error: ErrorObject): string {
  const at = error.instancePath ? error.instancePath.slice(1).replaceAll('/', '.') : 'arguments';
  const named = (error.params as { additionalProperty?: string }).additionalProperty;
  return `${at} ${error.message ?? 'is not valid'}${named ? ` (${named})` : ''}`;
}
