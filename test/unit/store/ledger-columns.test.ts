import { columnTypes, ledgerRowOf, tableRow } from '@backtide/store/ledger/columns'
import type { Row } from '@backtide/store/questdb'
import { describe, expect, it } from 'vitest'
import { ledgerRow } from '../api/fake-ledger.ts'

const names = Object.keys(columnTypes('ledger'))

/** What QuestDB answers for a row that was written: instants as texts, what is not there as null. */
function answered(written: ReturnType<typeof tableRow>): Row {
  const types = columnTypes('ledger')
  return names.map((name) => {
    const value = written[name]
    if (value === undefined) return null
    return types[name] === 'TIMESTAMP' ? new Date(Number(value)).toISOString() : value
  })
}

describe('a row of the ledger', () => {
  it('comes back as it was written', () => {
    const row = ledgerRow({
      partition: Date.UTC(2025, 0, 1),
      symbol: 'BTC',
      reason: 'why',
      ghosts: 3,
      details: '{}',
      minTs: 1,
      maxTs: 2,
      check: 0,
      epoch: Date.UTC(2025, 0, 2),
    })
    expect(ledgerRowOf(answered(tableRow(row, 'ledger')))).toEqual(row)
  })

  it('that was never read back has no epoch, and one of an older version no check', () => {
    const row = ledgerRow({ partition: Date.UTC(2025, 0, 1), symbol: 'BTC', epoch: 0 })
    expect(tableRow(row, 'ledger')).toMatchObject({ epoch: undefined, row_check: undefined })
    const read = ledgerRowOf(names.map(() => null))
    expect(read).toMatchObject({ epoch: 0, ghosts: 0, reason: '' })
    expect(read).not.toHaveProperty('check')
  })

  it('goes into the log with the columns the log has', () => {
    const row = ledgerRow({ partition: Date.UTC(2025, 0, 1), symbol: 'BTC' })
    expect(Object.keys(tableRow(row, 'log'))).toEqual(Object.keys(columnTypes('log')))
    expect(tableRow(row, 'log')).not.toHaveProperty('details')
  })
})
