/**
 * The floor of durability by hand: one row, so one commit with its fsync, for each step, written after the step and before
 * the next. No recovery, queue or fence around it. Pool as `pg` sets it: ten connections.
 */
import { Pool } from 'pg';
import { runSession } from './agent.js';
import { serveSessions } from './serve.js';

const pool = new Pool({ connectionString: process.env['PEER_DATABASE_URL'] ?? '' });
await pool.query(`CREATE TABLE step (
  session_id uuid NOT NULL,
  seq int NOT NULL,
  name text NOT NULL,
  result jsonb NOT NULL,
  PRIMARY KEY (session_id, seq)
)`);
const insert = {
  name: 'insert-step',
  text: 'INSERT INTO step (session_id, seq, name, result) VALUES ($1, $2, $3, $4)',
};

await serveSessions(({ sessionId, input }) => {
  let steps = 0;
  return runSession(input, {
    step: async (name, work) => {
      const seq = (steps += 1);
      const result = await work();
      await pool.query({ ...insert, values: [sessionId, seq, name, JSON.stringify(result)] });
      return result;
    },
  });
});
