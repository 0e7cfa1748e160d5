/**
 * What an error of the database means to us. The server's errors carry an SQLSTATE; whatever else `pg` throws is a
 * connection that failed. Nothing looks at the text of a message.
 */
import { DatabaseError } from 'pg';
import { broken, degraded, isFault, unreachable, type Fault } from '@toolfleet/kernel';

/** The server is there but will not serve now, or asks for the same statement again. */
const passingStates = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected: two owners wrote the same sessions in different order
  '53300', // too_many_connections
  '55P03', // lock_not_available
  '57014', // query_canceled: statement_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting or recovering
  '57P05', // idle_session_timeout
  '25006', // read_only_sql_transaction: a former primary
]);
/** Classes: 08 connection exception, 53 insufficient resources (disk, memory), 58 system error. */
const passingClasses = new Set(['08', '53', '58']);

/** unreachable DATABASE_UNREACHABLE when the same statement may succeed later; otherwise broken DATABASE_REFUSED. */
export function databaseFaultOf(error: unknown): Fault {
  if (isFault(error)) {
    return error;
  }
  if (error instanceof DatabaseError) {
    const state = error.code ?? '';
    return passingStates.has(state) || passingClasses.has(state.slice(0, 2))
      ? databaseUnreachable(error)
      : broken('DATABASE_REFUSED', 'The database refused a statement.', {
          details: { sqlState: state, constraint: error.constraint ?? '' },
          cause: error,
        });
  }
  // pg throws these for values it cannot send: our bug, and no retry helps.
  if (error instanceof TypeError || error instanceof RangeError) {
    return broken('DATABASE_CALL_INVALID', 'A statement could not be sent to the database.', { cause: error });
  }
  return databaseUnreachable(error);
}

export function databaseUnreachable(cause?: unknown): Fault {
  return degraded('database', unreachable('DATABASE_UNREACHABLE', 'The database does not answer.', { cause }));
}
