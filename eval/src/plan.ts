/**
 * What a folder asks of the fleet, whatever format it came in: tools, sessions with the calls that a model makes in them,
 * and how each call must end. Readers of formats make plans, everything behind them knows nothing of formats.
 */
import type { Effect, Manifest, Outcome, RuleSpec, SessionStatus } from '@toolfleet/kernel';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface PlannedTool {
  /** Unique in its folder; two documents of one name have different keys. */
  readonly key: string;
  /** As the folder names it. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema. */
  readonly parameters: JsonObject;
  readonly effect: Effect;
  /** Driver and its block, in the form of a manifest. Absent: it answers from the recording over HTTP. */
  readonly binding?: ToolBinding;
}

export type ToolBinding =
  | { readonly driver: 'mcp'; readonly mcp: { readonly server: string; readonly tool: string } }
  | { readonly driver: 'sql'; readonly sql: JsonObject };

export type PlannedEnd =
  /** The tool answers with these bytes. */
  | { readonly type: 'answered'; readonly text: string }
  /** The tool refuses in these words, or the fleet does so before it: arguments that it can see are wrong. */
  | { readonly type: 'refused'; readonly text: string }
  /** No tool has this name, so the fleet says which ones there are. */
  | { readonly type: 'unknown' }
  /** The fleet or what it asks refuses it for one of these reasons. */
  | { readonly type: 'denied'; readonly reasons: readonly string[] }
  /** The text of the arguments is no JSON object. */
  | { readonly type: 'unreadable' };

export interface PlannedCall {
  /** Key of a tool; of a call that ends as unknown the name that the model invents. */
  readonly tool: string;
  /** An object, or the text exactly as a model wrote it. */
  readonly arguments: JsonObject | string;
  readonly end: PlannedEnd;
  /** Of a tool of an MCP server: the result or error as it was recorded, of which the model reads the text. */
  readonly reply?: JsonObject;
}

/** What happens on one message of the user. */
export interface PlannedRun {
  readonly input: string;
  /** Calls of one answer of the model each, in order. */
  readonly answers: readonly (readonly PlannedCall[])[];
  /** The answer that ends the run. */
  readonly say: string;
}

export interface PlannedSession {
  /** Unique in its folder. */
  readonly id: string;
  /** Keys of the tools that the session's agent may use. */
  readonly tools: readonly string[];
  readonly runs: readonly PlannedRun[];
}

/** A planned call and what became of it. */
export interface EndedCall {
  readonly planned: PlannedCall;
  /** The tool's name in the catalogue, or the invented one. */
  readonly name: string;
  /** The model was shown the tool at once, or after it had asked for more; `unusable`: the catalogue does not take it. */
  readonly offered: 'first' | 'found' | 'never' | 'unusable';
  /** What the model read; undefined when the session ended before. */
  readonly text: string | undefined;
  /** What the fleet made of it; undefined when the session ended before. */
  readonly outcome: Outcome | undefined;
  /** How often the tool itself was asked, with exactly the planned arguments. */
  readonly executions: number;
}

export interface EndedSession {
  readonly planned: PlannedSession;
  /** `stuck`: no outcome came in time. */
  readonly status: SessionStatus | 'stuck';
  /** In the order planned. */
  readonly calls: readonly EndedCall[];
  /** The answers that ended the runs, as they came out of the fleet. */
  readonly answers: readonly string[];
  /** Calls that reached a tool and that nobody planned. */
  readonly strays: number;
  readonly problem?: string;
}

/** The set's own figures, by name. */
export type Figures = Readonly<Record<string, number>>;

/** In the form of manifest files. */
export interface ManifestDocument {
  readonly kind: Manifest['kind'];
  readonly name: string;
  readonly spec: object;
}

/** What the tools of a folder run on, besides the recording. */
export interface Backing {
  readonly manifests: readonly ManifestDocument[];
  /** Variables of the fleet. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface SessionPlan {
  readonly tools: readonly PlannedTool[];
  readonly sessions: readonly PlannedSession[];
  readonly backing?: Backing;
  /** What its sessions may do, tools by their keys. Absent: everything. */
  readonly rules?: readonly RuleSpec[];
  /** What a reader should know: rows left out, and why. */
  readonly notes: readonly string[];
  score(ended: readonly EndedSession[]): Figures;
}
