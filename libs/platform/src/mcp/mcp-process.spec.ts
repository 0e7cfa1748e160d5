import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, describe, it } from 'node:test';
import { faultOf } from '@toolfleet/kernel';
import { collector, eventually } from '@toolfleet/testkit';
import type { McpConnection, McpConnectionOptions } from './mcp-connection.js';
import { call, connectionTo, messageBytesMax, processThat } from './mcp-server.fixture.js';

const open: McpConnection[] = [];
afterEach(async () => void (await Promise.all(open.splice(0).map((one) => one.close()))));

function connect(
  act: string,
  server: Parameters<typeof processThat>[1] = {},
  options: Partial<McpConnectionOptions> = {},
) {
  const connection = connectionTo(processThat(act, server), options);
  open.push(connection);
  return connection;
}

const text = async (connection: McpConnection, ...args: Parameters<typeof call>) => {
  const [block] = (await connection.call(call(...args))).content;
  return block?.type === 'text' ? block.text : undefined;
};
const faultOfCall = (connection: McpConnection, ...args: Parameters<typeof call>) =>
  connection.call(call(...args)).then(() => assert.fail('expected a fault'), faultOf);

/** Also when nobody has asked for its exit code yet. */
function hasEnded(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

describe('an MCP server as a process', () => {
  it('ends the calls that it leaves behind when it dies, and is started again by the next', async () => {
    const lost: string[] = [];
    const connection = connect(
      'process.stderr.write("why"); process.exit(1)',
      {},
      { onLost: (words) => lost.push(words) },
    );
    const fault = await faultOfCall(connection, 'act', {}, 30_000);
    assert.deepEqual([fault.kind, fault.details['sent']], ['unreachable', 'maybe']);
    assert.equal(await text(connection, 'echo', { text: 'again' }), 'again');
    assert.deepEqual(lost, ['why']);
  });

  it('holds up no other call while it hangs in one', async () => {
    const connection = connect('');
    const hanging = faultOfCall(connection, 'act', {}, 1_000);
    assert.equal(await text(connection, 'echo', { text: 'meanwhile' }), 'meanwhile');
    const fault = await hanging;
    assert.deepEqual([fault.kind, fault.reason], ['expired', 'DEADLINE_PASSED']);
  });

  it('is told when a call is cancelled', async () => {
    const connection = connect('');
    await text(connection, 'echo');
    const cancel = new AbortController();
    const cancelled = faultOfCall(connection, 'act', {}, 30_000, cancel.signal);
    await new Promise(setImmediate);
    cancel.abort();
    await cancelled;
    const told = async () => (await connection.tools(call(''))).some(({ name }) => name.startsWith('cancelled-'));
    await eventually(told, { withinMs: 2_000 });
  });

  it('loses only the call whose answer is too large', async () => {
    const connection = connect(`answer(id, textOf('x'.repeat(${messageBytesMax})))`);
    const [fault, other] = await Promise.all([
      faultOfCall(connection, 'act', {}, 30_000),
      text(connection, 'echo', { text: 'fits' }),
    ]);
    assert.deepEqual([fault.kind, fault.reason, other], ['invalid', 'RESPONSE_TOO_LARGE', 'fits']);
    assert.equal(await text(connection, 'echo', { text: 'still' }), 'still');
  });

  it('costs no more memory for an answer of 100 MB than for one that is allowed', async () => {
    const act = `const part = 'x'.repeat(1_000_000); let n = 100; process.stdout.write('{"result":{"content":[{"type":"text","text":"');
      const more = () => { while (n-- > 0) if (!process.stdout.write(part)) return process.stdout.once('drain', more);
      write('"}]},"jsonrpc":"2.0","id":' + id + '}'); }; more();`;
    const connection = connect(act);
    await text(connection, 'echo');
    const collect = collector();
    const held = () => {
      collect();
      // A collection frees buffers in a thread beside it; the next one waits for that.
      collect();
      return process.memoryUsage().arrayBuffers;
    };
    const before = held();
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, held() - before)), 250);
    const fault = await faultOfCall(connection, 'act', {}, 60_000);
    clearInterval(watch);
    assert.equal(fault.reason, 'RESPONSE_TOO_LARGE');
    assert.ok(most < 10_000_000, `${most} bytes`);
  });

  it('may print a stray line, and is ended when it talks nothing but junk', async () => {
    const stray = connect('write("starting..."); answer(id, textOf("fine"))');
    assert.equal(await text(stray, 'act'), 'fine');
    const junk = connect('setInterval(() => write("{junk"), 1)');
    const fault = await faultOfCall(junk, 'act', {}, 30_000);
    assert.equal(fault.kind, 'unreachable');
  });

  it('answers with what is no result, and the call ends as unreachable', async () => {
    const connection = connect('answer(id, { content: "no list" })');
    const fault = await faultOfCall(connection, 'act');
    assert.deepEqual([fault.kind, fault.details['sent']], ['unreachable', 'maybe']);
  });

  it('sees the environment that it was given and no other', async () => {
    process.env['TOOLFLEET_CREDENTIAL_SECRET'] = 'not for it';
    const connection = connect('answer(id, textOf(JSON.stringify(process.env)))', { environment: { GIVEN: 'yes' } });
    const seen = JSON.parse((await text(connection, 'act'))!);
    delete process.env['TOOLFLEET_CREDENTIAL_SECRET'];
    assert.deepEqual(seen, { GIVEN: 'yes' });
  });

  it('takes everything with it that it started', async () => {
    const act = `const child = require('node:child_process').spawn('sleep', ['1000'], { stdio: 'inherit' });
      answer(id, textOf(child.pid))`;
    const connection = connect(act, { environment: { PATH: process.env['PATH']! } });
    const pid = Number(await text(connection, 'act'));
    process.kill(pid, 0);
    await connection.close();
    await eventually(() => hasEnded(pid), { withinMs: 5_000 });
  });

  it('is waited for by its calls when it is given up, and not by one that closes it', async () => {
    const slow = connect('setTimeout(() => answer(id, textOf("late")), 300)');
    await text(slow, 'echo');
    const under = text(slow, 'act');
    slow.retire();
    assert.equal(await under, 'late');
    assert.equal((await faultOfCall(slow, 'echo')).reason, 'UPSTREAM_CONNECT_FAILED');
    const silent = connect('', {
      before: 'setTimeout(() => {}, 60_000); process.stdin.destroy(); process.exit = () => {};',
    });
    const waiting = faultOfCall(silent, 'echo', {}, 30_000);
    await silent.close();
    assert.equal((await waiting).kind, 'unreachable');
  });

  it('is reached although it ends when it is asked for what it does not know', async () => {
    const connection = connect('answer(id, textOf("old"))', { before: 'const discover = () => process.exit(1);' });
    assert.equal(await text(connection, 'act', {}, 10_000), 'old');
  });

  it('ends a call that was cancelled before its turn as cancelled, also when no connection comes about', async () => {
    const connection = connectionTo({ kind: 'stdio', command: '/no/such/program', args: [], environment: {} });
    const fault = await faultOfCall(connection, 'act', {}, 2_000, AbortSignal.abort());
    assert.deepEqual([fault.kind, fault.reason, fault.details['sent']], ['expired', 'CANCELLED', 'no']);
    // The next finds out what became of the connection: its failure has been met by somebody.
    assert.equal((await faultOfCall(connection, 'act')).kind, 'unreachable');
  });

  it('is not started in a loop when it cannot be started', async () => {
    const connection = connectionTo({ kind: 'stdio', command: '/no/such/program', args: [], environment: {} });
    const [first, second] = [await faultOfCall(connection, 'act'), await faultOfCall(connection, 'act')];
    assert.deepEqual([first.reason, first.details['sent']], ['UPSTREAM_CONNECT_FAILED', 'no']);
    assert.equal(second.cause, first.cause);
  });

  it('no longer has a tool that it took off its list', async () => {
    const connection = connect('tools = ["echo"]; answer(id, { isError: true, content: [] })');
    assert.equal(await connection.hasTool('act', call('')), true);
    await connection.call(call('act'));
    await connection.tools(call(''));
    assert.equal(await connection.hasTool('act', call('')), false);
  });
});
