import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { budgetLine, budgetOf, readBudget } from './budget.js';

const scrapeOf = (hops: number, seconds: number) => `# TYPE toolfleet_bus_hop_seconds histogram
toolfleet_bus_hop_seconds_count{topic="toolfleet.session.inbox.v1",otel_scope_name="toolfleet"} ${hops}
toolfleet_bus_hop_seconds_sum{topic="toolfleet.session.inbox.v1",otel_scope_name="toolfleet"} ${seconds}
toolfleet_bus_hop_seconds_bucket{topic="toolfleet.session.inbox.v1",le="0.002"} ${hops / 2}
toolfleet_bus_hop_seconds_bucket{topic="toolfleet.session.inbox.v1",le="0.01"} ${hops}
toolfleet_bus_hop_seconds_bucket{topic="toolfleet.session.inbox.v1",le="+Inf"} ${hops}
toolfleet_database_statement_seconds_count{statement="session_commit"} ${hops / 2}
toolfleet_database_statement_seconds_sum{statement="session_commit"} ${seconds / 4}
something_else_sum{topic="x"} 7
`;

test('a budget is what a window adds to every process, by hop, a session', async () => {
  let scraped = 0;
  const server = createServer((_request, response) => {
    scraped += 1;
    response.end(scraped <= 2 ? scrapeOf(10, 0.1) : scrapeOf(50, 0.5));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const metricsUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const processes = ['a', 'b', 'kafka'].map((name, pid) => ({
    ...{ name, roles: [], pid },
    ...(name === 'kafka' ? {} : { metricsUrl }),
  }));
  const rows = budgetOf(await readBudget(processes), await readBudget(processes), 20);
  server.close();
  server.closeAllConnections();
  assert.deepEqual(rows, [
    { kind: 'bus', part: 'toolfleet.session.inbox.v1', perSession: 4, meanMs: 10, p99Ms: 9.8 },
    { kind: 'database', part: 'session_commit', perSession: 2, meanMs: 5, p99Ms: 0 },
  ]);
  assert.equal(
    budgetLine(rows),
    'bus 40 in 4, neighbour 0 in 0, database 10 in 2, rpc 0 in 0, model 0 in 0, tools 0 in 0',
  );
});
