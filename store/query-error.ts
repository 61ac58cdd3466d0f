import {
  StoreFaultError,
  StoreRefusedError,
  StoreUnavailableError,
  TableGoneError,
} from './errors.ts'

/**
 * What an error QuestDB answered with means. Refused for ever is only what is known to be about the
 * statement itself; what nobody has seen yet is a `StoreFaultError`.
 */
export function queryError(message: string, statement: string): Error {
  const table = goneTable(message)
  if (table !== undefined) return new TableGoneError(table)
  if (PERMANENT.some((pattern) => pattern.test(message))) {
    return new StoreRefusedError(`QuestDB refused a statement: ${message}`, statement)
  }
  if (PASSING.some((pattern) => pattern.test(message))) {
    return new StoreUnavailableError(`QuestDB cannot answer now: ${message}`)
  }
  return new StoreFaultError(`QuestDB failed a statement: ${message}`, statement)
}

/** Name of the table that an error of a query or of `/write` says does not exist. */
export function goneTable(message: string): string | undefined {
  const [, queried, written] =
    /table does not exist.*?\[table=([^\],]+)|table: ([^;,\s]+); table does not exist/.exec(
      message,
    ) ?? []
  return queried ?? written
}

/** About the statement: the same one fails again. Texts of QuestDB 9.3.4. */
const PERMANENT = [
  /^(invalid|ambiguous) column/i,
  /^invalid (timestamp|type|table name|constant|interval|date|time zone|identifier)/i,
  /\binconvertible (value|types)\b/i,
  /^unknown (function name|parameter|column)/i,
  /^unsupported column type/i,
  /^there is no matching (function|operator)/i,
  /^too (few|many) arguments/i,
  // '(' expected, literal expected, TIMESTAMP column expected …; not `unexpected`.
  /\bexpected\b/i,
  /^(unexpected token|unbalanced|unclosed|empty query|dangling|bracket expected)/i,
  /^at least one aggregation function/i,
  /^row value count does not match/i,
  /^(supported column types|table and column names that)/i,
  /^designated timestamp column/i,
  /^insert statement must/i,
  /^deduplicate key column/i,
  /^(table|column '.*'|view or materialized view|table or materialized view).* already exists/i,
  /^column already exists/i,
  /new name is already in use/i,
  /^(cannot modify view|view does not exist|partition does not exist)/i,
  /^(access denied|permission denied|authorization required)|write permission|is not allowed/i,
]

/** From load, or a state of the server that ends. */
const PASSING = [
  /suspended/i,
  /time(d )?out/i,
  /\bbusy\b/i,
  /out of memory|memory (pressure|limit)|heap space/i,
  /could not (mmap|mremap|open|lock|allocate|rename|create|read|write)/i,
  /no space left|disk full/i,
  /too many|limit (exceeded|reached)/i,
  /table lock|could not be locked|\block\b.*\bheld\b/i,
  /cached query plan|table schema has changed|TableReferenceOutOfDate/i,
  /EntryUnavailable|pool is closed|writer (is|was|has)/i,
  /cancell?ed|interrupted|shutting down/i,
  /table (is dropped|was dropped|has been dropped)/i,
]
