export * from './import-mcp.js';
export type { Guess, ImportedTool, ReportedOperation } from './imported.js';
