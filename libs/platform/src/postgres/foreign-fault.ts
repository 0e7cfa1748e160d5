/**
 * What an error of somebody else's database means to the call that ran into it, by its SQLSTATE. The server's own words may
 * hold rows, statements and hosts, so they go to the log and never into a fault; the name of a constraint may be told.
 */
import { DatabaseError } from 'pg';
import type { Fault, FaultOptions } from '@toolfleet/kernel';
import { broken, denied, expired, invalid, isFault, overloaded, unreachable } from '@toolfleet/kernel';
import type { Sent } from './foreign-exchange.js';

type FaultOfState = (options: FaultOptions & { readonly details: Readonly<Record<string, string>> }) => Fault;

const dataInvalid: FaultOfState = ({ details, ...options }) => {
  const what = dataFlaws[details['sqlState']!] ?? 'A value does not fit.';
  return invalid('SQL_DATA_INVALID', what, { details, ...options, hint: 'Call it again with another value.' });
};
const constraintViolated: FaultOfState = ({ details, ...options }) => {
  const what = constraintFlaws[details['sqlState']!] ?? 'A rule of the database';
  return invalid('SQL_CONSTRAINT_VIOLATED', `${what} does not allow it; nothing was changed.`, { details, ...options });
};
/** What functions and triggers raise is a rule of the database's owner; its words may hold anything. */
const raised: FaultOfState = (options) =>
  invalid('SQL_RULE_VIOLATED', 'A rule of the database does not allow it; nothing was changed.', options);
const readOnly: FaultOfState = (options) =>
  denied('SQL_READ_ONLY', 'The tool may only read; its statement tried to change something.', options);
const notPermitted: FaultOfState = (options) =>
  denied('SQL_NOT_PERMITTED', 'The role of the tool may not do that.', options);
const refused: FaultOfState = (options) =>
  broken('SQL_STATEMENT_BROKEN', 'The database does not take the statement of the tool.', options);
const loginRefused: FaultOfState = (options) =>
  broken('DATABASE_LOGIN_REFUSED', 'The database does not take the credential of the fleet.', options);
const contended: FaultOfState = (options) =>
  overloaded('SQL_CONTENDED', 'Others changed the same rows at the same time; nothing was changed.', options);
const busy: FaultOfState = (options) =>
  overloaded('SQL_DATABASE_BUSY', 'The database has no room for the call.', options);
const tookTooLong: FaultOfState = (options) =>
  expired('SQL_TIMED_OUT', 'The database did not finish in time; nothing was changed.', {
    ...options,
    hint: 'Ask for less: a narrower filter or a shorter period.',
  });
const away: FaultOfState = (options) => unreachable('SQL_DATABASE_UNREACHABLE', 'The database is not there.', options);

const dataFlaws: Readonly<Record<string, string>> = {
  '22001': 'A text is too long.',
  '22003': 'A number is out of range.',
  '22007': 'A date or time is not in the expected form.',
  '22008': 'A date or time is out of range.',
  '22012': 'The values make it divide by zero.',
  '22P02': 'A value is not of the expected type.',
  '22021': 'A text holds characters that the database cannot keep.',
};
const constraintFlaws: Readonly<Record<string, string>> = {
  '23502': 'A value that must be there is missing: the database',
  '23503': 'It refers to something that is not there, or is referred to: the database',
  '23505': 'It is there already: the database',
  '23514': 'A check of the database',
  '23P01': 'It overlaps with something: the database',
};

/** States that mean something else than their class. */
const byState: Readonly<Record<string, FaultOfState>> = {
  '25006': readOnly,
  '25P03': tookTooLong, // idle_in_transaction_session_timeout
  '40001': contended, // serialization_failure, and a replica's conflict with recovery
  '40P01': contended, // deadlock_detected
  '42501': notPermitted,
  '44000': constraintViolated, // with_check_option_violation
  '55P03': busy, // lock_not_available
  '57014': tookTooLong, // query_canceled
  '57P04': refused, // database_dropped
  P0001: raised, // raise_exception
};
const byClass: Readonly<Record<string, FaultOfState>> = {
  '08': away,
  '21': dataInvalid, // cardinality_violation
  '22': dataInvalid,
  '23': constraintViolated,
  '28': loginRefused,
  '3D': loginRefused, // invalid_catalog_name
  '40': contended,
  '53': busy,
  '57': away,
  '58': away,
};
/** Mistakes of a connection string, as Node and the client name them. */
const brokenCodes = new Set(['ERR_INVALID_URL', 'ENOENT', 'EACCES', 'ERR_INVALID_ARG_TYPE', 'ERR_SOCKET_BAD_PORT']);

/** Of what opens a transaction: nothing of it is the caller's. A replica opens none that writes (0A000). */
export function openingFaultOf(error: DatabaseError): Fault {
  const fault = foreignFaultOf(error, 'no');
  const options = { details: fault.details, cause: error };
  if (error.code === '0A000') return away(options);
  return fault.kind === 'invalid' || fault.kind === 'denied'
    ? broken('DATABASE_ROLE_REFUSED', 'The database opens no transaction with the role of the tool.', options)
    : fault;
}

/** `sent`: whether a change may have been committed by then. */
export function foreignFaultOf(error: unknown, sent: Sent): Fault {
  if (isFault(error)) return error;
  if (error instanceof DatabaseError) {
    const sqlState = error.code ?? '';
    const constraint = error.constraint ?? '';
    const details = { sent, sqlState, ...(constraint === '' ? {} : { constraint }) };
    const faultOfState = byState[sqlState] ?? byClass[sqlState.slice(0, 2)] ?? refused;
    return faultOfState({ details, cause: error });
  }
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  const options = { details: { sent }, cause: error };
  return brokenCodes.has(code) || error instanceof TypeError ? loginRefused(options) : away(options);
}
