/**
 * One line of one process, and how it looks on a terminal: `name | text`, each name in its own stable colour. Services log
 * JSON for machines; here a person reads it as `level message field=value …`.
 */
import pc from 'picocolors';

export interface LogLine {
  /** The process's name, or `fleet` for the supervisor itself. */
  readonly source: string;
  readonly text: string;
}

/** Widest usual name: `executor-export`. */
const nameWidth = 15;
/** In this order, so that no two processes of one fleet share a colour that is next to it. */
const knownSources = ['fleet', 'kafka', 'postgres', 'services', 'gateway', 'policy', 'router', 'orchestrator'];
const colourNames = ['bold', 'dim', 'blue', 'green', 'green', 'yellow', 'magenta', 'cyan', 'red', 'blue'] as const;

export function formatLogLine(line: LogLine, colours: boolean): string {
  const known = knownSources.indexOf(line.source);
  const rank = known >= 0 ? known : knownSources.length + (line.source.length % 2);
  const paint = pc.createColors(colours)[colourNames[rank] ?? 'dim'];
  return `${paint(`${line.source.padEnd(nameWidth)} |`)} ${readableText(line.text)}`;
}

/** By pino's numbers. */
const levelNames: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };
/** The same on every line of a process, or shown otherwise. */
const hiddenFields = new Set(['level', 'time', 'msg', 'roles', 'instance']);
const fieldLengthMax = 300;

/** A structured log line as a sentence; any other text as it is. */
export function readableText(text: string): string {
  const record = recordOf(text);
  if (record === undefined) return text;
  const fields = Object.entries(record)
    .filter(([name]) => !hiddenFields.has(name))
    .map(
      ([name, value]) =>
        `${name}=${(typeof value === 'string' ? value : JSON.stringify(value)).slice(0, fieldLengthMax)}`,
    );
  return [levelNames[record.level] ?? 'fatal', record.msg, ...fields].filter((part) => part !== undefined).join(' ');
}

function recordOf(text: string): { readonly level: number; readonly msg?: string } | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(text) as { level?: unknown; msg?: string };
    return typeof value.level === 'number' ? { ...value, level: value.level } : undefined;
  } catch {
    return undefined;
  }
}
