/** The only place that reads the environment of a process. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { readSettings } from './settings.js';

export function loadConfig<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>): z.infer<z.ZodObject<Shape>> {
  return readSettings(schema, process.env, (path) => readFileSync(path, 'utf8'));
}

/** What a program needs to find itself and others; everything else is for whoever starts it to say. */
export function programEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/** A variable that a manifest names, e.g. the key of a model route or `${TOOLFLEET_MODEL_BASE_URL}` in a base URL. */
export function environmentVariable(name: string): string | undefined {
  return process.env[name];
}
