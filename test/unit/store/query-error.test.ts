import {
  StoreFaultError,
  StoreRefusedError,
  StoreUnavailableError,
  TableGoneError,
} from '@backtide/store/errors'
import { goneTable, queryError } from '@backtide/store/query-error'
import { describe, expect, it } from 'vitest'

/** What QuestDB 9.3.4 answered to statements that are wrong. */
const ABOUT_THE_STATEMENT = [
  'Invalid column: nope',
  'inconvertible value: `abc` [STRING -> LONG]',
  'unexpected reduce error: inconvertible value: `x` [VARCHAR -> DOUBLE]',
  'inconvertible value: `server is busy` [STRING -> LONG]',
  'row value count does not match column count [expected=5, actual=1, tuple=1]',
  'unknown function name: nofunc(INT)',
  "too few arguments for '+' [found=1,expected=2]",
  "column 'x' already exists",
  'column already exists with a different column type [current type=BYTE, requested type=LONG]',
  'invalid timestamp',
  'invalid type: CHAR',
  'Invalid table name or alias',
  'there is no matching function `[]` with the argument types: (LONG, INT)',
  'there is no matching operator `like` with the argument types: LONG like INT',
  'table already exists',
  'view or materialized view with the requested name already exists',
  'table or materialized view with the requested name already exists',
  'cannot rename table, new name is already in use [table=a2, toTableName=b]',
  'cannot modify view [view=va]',
  'view does not exist [view=nope]',
  'Designated timestamp column cannot be updated',
  'designated timestamp column cannot be NULL',
  'insert statement must populate timestamp',
  'supported column types are VARCHAR, SYMBOL and STRING, found: LONG',
  "'create', 'insert', 'update', 'select', 'with' or '(' expected",
  'literal expected',
  'TIMESTAMP column expected [actual=INT, columnName=q]',
  'empty query',
  'unclosed quoted string?',
  'Unclosed group near index 1\n(',
  'unbalanced (',
  'unexpected token [)]',
  "unknown parameter 'foo'",
  'unsupported column type: nope',
  'deduplicate key column not found [column=nope]',
  "at least one aggregation function must be present in 'select' clause",
  'Access denied for user [select on ledger]',
]

const PASSING = [
  'timeout, query aborted [fd=12, runtime=300000ms, timeout=300000ms]',
  'could not mmap  [size=16777216, offset=0, fd=88, memUsed=1, fileLen=16777216]',
  'could not open read-only [file=/data/db/ledger~3/2025-01.1/ts.d]',
  "table 'ledger' is suspended",
  'global RSS memory limit exceeded [usage=1, RSS_MEM_LIMIT=1, size=1, memoryTag=1]',
  'table busy [reason=insert]',
  'cached query plan cannot be used because table schema has changed [table=l2_book]',
  'could not lock table [table=ledger]',
  'cancelled by user',
]

/** Neither known to pass nor known to stay: who asks decides how often to ask again. */
const UNKNOWN = ['Waiting for CHECKPOINT RELEASE to be called', 'something nobody has seen', '']

describe('an error QuestDB answers with', () => {
  it.each(ABOUT_THE_STATEMENT)('is final when it is about the statement: %s', (message) => {
    expect(queryError(message, 'SELECT 1')).toBeInstanceOf(StoreRefusedError)
  })

  it.each(PASSING)('is weather when it is about the moment: %s', (message) => {
    expect(queryError(message, 'SELECT 1')).toBeInstanceOf(StoreUnavailableError)
  })

  it.each(UNKNOWN)('is neither when nobody has judged it: "%s"', (message) => {
    expect(queryError(message, 'SELECT 1')).toBeInstanceOf(StoreFaultError)
  })

  it('says which table is gone, of a query and of rows that were sent', () => {
    const error = queryError('table does not exist [table=ledger]', 'SELECT 1')
    expect(error).toBeInstanceOf(TableGoneError)
    expect(error).toBeInstanceOf(StoreUnavailableError)
    expect(error).toMatchObject({ table: 'ledger' })
    const sent =
      'failed to parse line protocol:errors encountered on line(s):\nerror in line 1: table: nosuch; table does not exist, creating new tables is disabled'
    expect(goneTable(sent)).toBe('nosuch')
    expect(goneTable('error in line 1: table: w, column: y does not exist')).toBeUndefined()
  })
})
