/** One line of one process, and how it looks on a terminal: `name | text`, each name in its own stable colour. */
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
  return `${paint(`${line.source.padEnd(nameWidth)} |`)} ${line.text}`;
}
