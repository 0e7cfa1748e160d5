/**
 * Settings of a process: one zod object per app, keyed by field; the environment variable's name follows from the field
 * (`kafkaBrokers` is TOOLFLEET_KAFKA_BROKERS). All problems are reported at once. A secret may also come from a file named
 * by `<NAME>_FILE`, as Kubernetes mounts them.
 */
import { invalid } from '@toolfleet/kernel';
import { z } from 'zod';
import { Secret } from './secret.js';

export type Environment = Readonly<Record<string, string | undefined>>;
export type SettingsShape = Readonly<Record<string, z.ZodType>>;

export const environmentPrefix = 'TOOLFLEET_';

export function environmentNameOf(field: string): string {
  return environmentPrefix + field.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

/** Comma-separated text as a list without blanks. */
export const listSetting = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

export const secretSetting = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

export const integerSetting = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

export const portSetting = integerSetting(0, 65_535);

/** Throws `invalid` CONFIG_INVALID with one line per problem in `details`. `read` opens the file of a `_FILE` variable. */
export function readSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Environment,
  read: (path: string) => string,
): z.infer<z.ZodObject<Shape>> {
  const raw: Record<string, string> = {};
  const problems: Record<string, string> = {};
  for (const field of Object.keys(schema.shape)) {
    const name = environmentNameOf(field);
    const path = environment[`${name}_FILE`];
    try {
      const value = path ? read(path).trim() : environment[name];
      if (value !== undefined && value !== '') raw[field] = value;
    } catch {
      problems[`${name}_FILE`] = 'names a file that cannot be read';
    }
  }
  const result = schema.safeParse(raw);
  for (const issue of result.error?.issues ?? []) {
    const field = String(issue.path[0] ?? '');
    const name = field ? environmentNameOf(field) : 'configuration';
    problems[name] ??= field && raw[field] === undefined ? 'is required' : issue.message;
  }
  if (result.success && Object.keys(problems).length === 0) return result.data;
  const lines = Object.entries(problems).map(([name, problem]) => `${name} ${problem}`);
  throw invalid('CONFIG_INVALID', `The configuration is not valid:\n  ${lines.join('\n  ')}`, { details: problems });
}
