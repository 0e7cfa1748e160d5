import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { visibleTools } from '../routing/select-tools.js';
import type { AgentSpec, ToolSpec } from './manifest.js';
import { Catalogue, toolVisibilities } from './manifest.js';
import {
  deprecationHint,
  isCallable,
  isFound,
  nextStandingAtMs,
  standingOf,
  successorOf,
  takenAwayFault,
  toolStandings,
} from './tool-standing.js';

const toolOf = (name: string, over: Partial<ToolSpec> = {}): ToolSpec => ({
  ...{ name, version: '1', owner: 't', description: '', parameters: {}, toolClass: 'read', effect: 'read' },
  ...{ riskTier: 'low', idempotent: false, observation: { bytesMax: 1 }, driver: 'builtin', ...over },
});
const catalogueOf = (...tools: readonly ToolSpec[]): Catalogue => {
  const catalogue = new Catalogue();
  for (const spec of tools) catalogue.put({ kind: 'Tool', spec });
  return catalogue;
};

const names = ['a', 'b', 'c', 'd'] as const;
const date = fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined });
const anyTool = (name: string) =>
  fc
    .record({
      visibility: fc.option(fc.constantFrom(...toolVisibilities), { nil: undefined }),
      deprecatedAtMs: date,
      sunsetAtMs: date,
      successor: fc.option(fc.constantFrom(...names, 'gone'), { nil: undefined }),
    })
    .map((over) => toolOf(name, over));
const anyCatalogue = fc.tuple(...names.map(anyTool)).map((tools) => catalogueOf(...tools));
const time = fc.integer({ min: 0, max: 25 });

describe('the standing of a tool', () => {
  it('is read off its visibility and dates, the end before what leads to it', () => {
    const rows: [Partial<ToolSpec>, string][] = [
      [{}, 'offered'],
      [{ deprecatedAtMs: 11 }, 'offered'],
      [{ deprecatedAtMs: 10, sunsetAtMs: 11 }, 'deprecated'],
      [{ deprecatedAtMs: 5, sunsetAtMs: 10 }, 'sunset'],
      [{ visibility: 'hidden' }, 'hidden'],
      [{ visibility: 'hidden', deprecatedAtMs: 10 }, 'hidden'],
      [{ visibility: 'hidden', deprecatedAtMs: 5, sunsetAtMs: 10 }, 'sunset'],
      [{ visibility: 'archived', sunsetAtMs: 10 }, 'archived'],
    ];
    for (const [over, standing] of rows) assert.equal(standingOf(toolOf('a', over), 10), standing);
  });

  it('only goes down as time passes, and what is found can be called', () => {
    const rank = (tool: ToolSpec, nowMs: number) => toolStandings.indexOf(standingOf(tool, nowMs));
    fc.assert(
      fc.property(anyTool('a'), time, time, (tool, one, other) => {
        const [earlier, later] = [Math.min(one, other), Math.max(one, other)];
        assert.ok(rank(tool, earlier) <= rank(tool, later));
        if (isFound(tool, later)) assert.ok(isFound(tool, earlier) && isCallable(tool, later));
        if (isCallable(tool, later)) assert.ok(isCallable(tool, earlier));
      }),
    );
  });

  it('does not change before the time that is said', () => {
    fc.assert(
      fc.property(anyTool('a'), time, (tool, nowMs) => {
        const nextMs = nextStandingAtMs([tool], nowMs);
        assert.ok(nextMs > nowMs);
        for (let at = nowMs; at < Math.min(nextMs, 30); at++) {
          assert.deepEqual(
            [standingOf(tool, at), deprecationHint(tool, new Catalogue(), at)],
            [standingOf(tool, nowMs), deprecationHint(tool, new Catalogue(), nowMs)],
          );
        }
      }),
    );
  });
});

describe('the successor of a tool', () => {
  it('is the next that sessions are given, whatever circles and gaps there are', () => {
    fc.assert(
      fc.property(anyCatalogue, time, (catalogue, nowMs) => {
        for (const tool of catalogue.all('Tool')) {
          const successor = successorOf(tool, catalogue, nowMs);
          if (successor) assert.ok(isFound(successor, nowMs) && successor.name !== tool.name);
        }
      }),
    );
  });

  it('is what a refusal names, and a tool is refused exactly when it may not be called', () => {
    fc.assert(
      fc.property(anyCatalogue, time, (catalogue, nowMs) => {
        for (const tool of catalogue.all('Tool')) {
          const fault = takenAwayFault(tool, catalogue, nowMs);
          assert.equal(fault === undefined, isCallable(tool, nowMs));
          const successor = successorOf(tool, catalogue, nowMs)?.name ?? tool.successor;
          if (fault) assert.deepEqual(fault.alternatives, successor === undefined ? [] : [successor]);
        }
      }),
    );
  });
});

describe('the tools of a new session', () => {
  it('are those that are found, and deprecated ones only where no successor can be given', () => {
    const globs = fc.subarray([...names, '*'], { minLength: 1 });
    fc.assert(
      fc.property(anyCatalogue, globs, time, (catalogue, tools, nowMs) => {
        const agent = { tools } as unknown as AgentSpec;
        const given = new Set(visibleTools(catalogue, agent, nowMs).map(({ name }) => name));
        const mayUse = (name: string) => tools.includes(name) || tools.includes('*');
        for (const tool of catalogue.all('Tool')) {
          const successor = successorOf(tool, catalogue, nowMs);
          const alone = !successor || !mayUse(successor.name);
          const wanted = isFound(tool, nowMs) || (standingOf(tool, nowMs) === 'deprecated' && alone);
          assert.equal(given.has(tool.name), wanted && mayUse(tool.name));
        }
      }),
    );
  });
});
