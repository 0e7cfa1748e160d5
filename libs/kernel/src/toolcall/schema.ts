/**
 * Checks arguments against a tool's JSON Schema (draft 2020-12). Patterns of tenants run on RE2 semantics, so their time
 * is linear in the input; a schema is compiled once per definition.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { RE2JS } from 're2js';
import { invalid } from '../fault.js';

interface Schemed {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
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

function newEngine(): Ajv2020 {
  const code = { regExp: linearRegExp as never };
  const ajv = new Ajv2020({ allErrors: false, strict: false, code, logger: false, addUsedSchema: false });
  addFormats(ajv);
  return ajv;
}

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;

export class ArgumentValidators {
  #ajv = newEngine();
  #compiles = 0;
  /** Keyed by the schema object itself: a changed tool brings a new object, and the old one is collected in time. */
  readonly #compiled = new WeakMap<object, ValidateFunction>();

  /** Throws `invalid` SCHEMA_INVALID; called when a tool enters the catalogue. */
  compile({ name, parameters }: Schemed): ValidateFunction {
    const known = this.#compiled.get(parameters);
    if (known) return known;
    if (++this.#compiles % compilesPerEngine === 0) this.#ajv = newEngine();
    try {
      const validate = this.#ajv.compile(parameters);
      this.#compiled.set(parameters, validate);
      return validate;
    } catch (cause) {
      throw invalid('SCHEMA_INVALID', `The parameters of tool ${name} are not a valid JSON Schema.`, { cause });
    }
  }

  /** Throws `invalid` ARGUMENTS_INVALID with a hint that says what to change. */
  check(tool: Schemed, args: Readonly<Record<string, unknown>>): void {
    const validate = this.compile(tool);
    if (validate(args)) return;
    const problems = (validate.errors ?? []).slice(0, problemsMax).map(problemOf);
    throw invalid('ARGUMENTS_INVALID', `The arguments of ${tool.name} do not fit its parameters.`, {
      hint: `Correct the arguments and call again: ${problems.join('; ')}.`,
      details: { problems: problems.join('; ') },
    });
  }
}

function problemOf(error: ErrorObject): string {
  const at = error.instancePath ? error.instancePath.slice(1).replaceAll('/', '.') : 'arguments';
  const named = (error.params as { additionalProperty?: string }).additionalProperty;
  return `${at} ${error.message ?? 'is not valid'}${named ? ` (${named})` : ''}`;
}
