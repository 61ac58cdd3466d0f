import { DAY_MS } from '@backtide/core/range'
import { COINS } from '../archive/plan.ts'
import { LAYOUTS } from '../checker/layouts.ts'
import type { Action, Scene } from './action.ts'
import { endBackfills, openWorkflows } from '../peace/end-backfills.ts'
import { pause } from './moment.ts'

/** A day of a table is dropped, and said to be. */
export const TABLE_ACTIONS: readonly Action[] = [
  {
    needs: ['backfills', 'steering', 'workers', 'servers', 'road to questdb'],
    isPatient: true,
    weight: 0.6,
    lastsMs: 15_000,
    run: dropDay,
  },
]

/**
 * As an operator would: nothing loads meanwhile, then the partition goes, then the ledger is told.
 * Without the second the first would only make the ledger lie, so it is not done where that is not
 * to be had.
 */
async function dropDay(scene: Scene): Promise<void> {
  const { world, plan, random, note } = scene
  const { dataset, view } = random.pick([LAYOUTS[0], LAYOUTS[1]])
  const first = Math.floor(plan.range.from / DAY_MS)
  const day = (first + random.between(0, 2)) * DAY_MS
  const coins = random.chance(0.3) ? COINS : undefined
  if (!(await canReset(scene))) return note(`skipped: drop a day of ${view}, there is no reset`)
  const table = `${view}_all`
  const text = new Date(day).toISOString().slice(0, 10)
  if (!(await hasPartition(scene, table, text))) {
    return note(`skipped: drop ${text} of ${table}, there is none`)
  }
  if (!(await endBackfills(world, { mode: 'cancel', withinMs: 20_000 }))) {
    const open = (await openWorkflows(world)).join(', ')
    return note(`skipped: drop a day of ${view}, there still runs ${open}`)
  }
  note(`drop ${text} of ${table}, and reset`)
  await world.ask(`ALTER TABLE ${table} DROP PARTITION LIST '${text}'`)
  await applied(scene, table)
  const range = {
    from: new Date(Math.max(day, plan.range.from)).toISOString(),
    to: new Date(Math.min(day + DAY_MS, plan.range.to)).toISOString(),
  }
  await resetUntilTaken(scene, { dataset, ...range, ...(coins && { coins }) })
}

async function hasPartition({ world }: Scene, table: string, name: string): Promise<boolean> {
  const tables = await world.ask(`SELECT table_name FROM tables() WHERE table_name = '${table}'`)
  if (tables.length === 0) return false
  const found = await world.ask(
    `SELECT name FROM table_partitions('${table}') WHERE name = '${name}'`,
  )
  return found.length > 0
}

async function canReset({ world }: Scene): Promise<boolean> {
  const answer = await world.backtide.call('POST', '/ledger/reset', {})
  return answer.status !== 404
}

/** Refused while a load runs; taken at last. */
async function resetUntilTaken({ world, note }: Scene, body: object): Promise<void> {
  for (;;) {
    const answer = await world.backtide.call('POST', '/ledger/reset', body)
    const text = await answer.text()
    if (answer.ok) return note(`reset: ${text.slice(0, 60)}`)
    if (answer.status !== 409 && answer.status !== 503) {
      throw new Error(`POST /ledger/reset answered ${answer.status}: ${text}`)
    }
    await endBackfills(world, { mode: 'cancel', withinMs: 20_000 })
  }
}

async function applied({ world }: Scene, table: string): Promise<void> {
  for (;;) {
    const [row] = await world.ask(
      `SELECT writerTxn = sequencerTxn FROM wal_tables() WHERE name = '${table}'`,
    )
    if (row?.[0] === true) return
    await pause(50)
  }
}
