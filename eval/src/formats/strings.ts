/**
 * Strings that break encoders, logs and queries: each goes in as an argument of a tool and must come out in its
 * observation byte for byte.
 */
import { isList, type Folder } from '../folder.js';
import { verdictOf } from '../call-verdict.js';
import type { EndedSession, Figures, PlannedSession, PlannedTool } from '../plan.js';
import { sampled, type Format, type Reading } from './format.js';

/** A wave's worth: so many calls of one answer run beside each other. */
const callsOfAnswer = 8;

const echo: PlannedTool = {
  key: 'echo_text',
  name: 'echo_text',
  description: 'Gives a text back as it is.',
  parameters: {
    type: 'object',
    properties: { text: { type: 'string', description: 'Any text.' } },
    required: ['text'],
    additionalProperties: false,
  },
  effect: 'read',
};

const listsOf = (folder: Folder): string[] =>
  folder.matching(/\.json$/).filter((file) => {
    try {
      const value = folder.json(file);
      return isList(value) && value.length > 0 && value.every((item) => typeof item === 'string');
    } catch {
      return false;
    }
  });

export const strings: Format = {
  name: 'strings',
  looksFor: 'a .json file with a list of strings',
  recognises: (folder) => listsOf(folder).length > 0,
  read,
};

function read(folder: Folder, limit: number): Reading {
  const texts = listsOf(folder).flatMap((file) => folder.json(file) as string[]);
  const chosen = sampled(texts, limit);
  const groups = Array.from({ length: Math.ceil(chosen.length / callsOfAnswer) }, (_, index) =>
    chosen.slice(index * callsOfAnswer, (index + 1) * callsOfAnswer),
  );
  const sessions = groups.map((group, index): PlannedSession => {
    const calls = group.map((text) => ({
      tool: echo.key,
      arguments: { text },
      end: { type: 'answered' as const, text },
    }));
    return {
      id: `strings-${index + 1}`,
      tools: [echo.key],
      runs: [{ input: 'Echo.', answers: [calls], say: 'Done.' }],
    };
  });
  return { type: 'sessions', plan: { tools: [echo], sessions, notes: [], score } };
}

function score(ended: readonly EndedSession[]): Figures {
  const calls = ended.flatMap((session) => session.calls);
  return {
    strings: calls.length,
    unchanged: calls.filter((call) => verdictOf(call).exact).length / (calls.length || 1),
  };
}
