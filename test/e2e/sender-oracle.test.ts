import type { Dataset } from '@backtide/datasets/dataset'
import { registry } from '@backtide/datasets/registry'
import { createQuestDb } from '@backtide/store/questdb'
import { ensureTable } from '@backtide/store/schema/ensure-table'
import { identifier, sql } from '@backtide/store/sql'
import { waitApplied } from '@backtide/store/wait-applied'
import { Sender } from '@questdb/nodejs-client'
import { describe, expect, it } from 'vitest'
import { decodeObject } from '../contract/decode.ts'
import { fixturesOf } from '../contract/fixture.ts'
import type { IlpRow } from '../contract/ilp-reader.ts'
import { ownServers } from '../helpers/servers.ts'

const { questdb } = ownServers(import.meta.filename)
const db = createQuestDb(questdb)

describe.each(registry.all)('the rows of $id', (dataset) => {
  it.each(fixturesOf(dataset))(
    'of $name give the same table as the official Sender',
    async ({ object, input }) => {
      const { bytes, rows } = decodeObject(dataset, object, input)
      const ours = await createTable(dataset, 'ours')
      const theirs = await createTable(dataset, 'them')
      const text = bytes.toString('latin1').replaceAll(`${dataset.table.name},`, `${ours},`)
      const write = db.openWrite()
      await write.write(Buffer.from(text, 'latin1'))
      await write.commit()
      await sendBySender(theirs, rows)
      const [a, b] = [await readAll(ours), await readAll(theirs)]
      expect(a.length).toBeGreaterThan(0)
      expect(a).toEqual(b)
    },
  )
})

let tables = 10

/** As long as the table's own, because rows name it in front of binary data. */
async function createTable(dataset: Dataset, whose: 'ours' | 'them'): Promise<string> {
  const { table } = dataset
  const name = `${whose}${tables++}${table.name}`.slice(0, table.name.length)
  await ensureTable(db, { ...table, name, view: { ...table.view, name: `${name}_view` }, more: [] })
  return name
}

async function sendBySender(table: string, rows: readonly IlpRow[]): Promise<void> {
  const sender = await Sender.fromConfig(`${questdb}protocol_version=3;auto_flush=off;`)
  for (const row of rows) {
    sender.table(table)
    const columns = Object.entries(row.values)
    for (const [name, value] of columns) {
      if (row.kinds[name] === 'symbol') sender.symbol(name, value)
    }
    for (const [name, value] of columns) addColumn(sender, row, name, value)
    await sender.at(BigInt(row.ts), 'us')
  }
  await sender.flush()
  await sender.close()
}

function addColumn(sender: Sender, { kinds }: IlpRow, name: string, value: unknown): void {
  if (kinds[name] === 'int') sender.intColumn(name, Number(value))
  if (kinds[name] === 'double') sender.floatColumn(name, Number(value))
  if (kinds[name] === 'nanos') sender.timestampColumn(name, BigInt(String(value)), 'ns')
  if (kinds[name] === 'string') sender.stringColumn(name, String(value))
  if (kinds[name] === 'boolean') sender.booleanColumn(name, value === true)
  if (kinds[name] === 'array') sender.arrayColumn(name, value as unknown[])
}

async function readAll(table: string): Promise<readonly unknown[]> {
  await waitApplied(db, table)
  const rows = await db.query(sql`SELECT * FROM ${identifier(table)}`)
  return rows.map((row) => JSON.stringify(row)).toSorted()
}
