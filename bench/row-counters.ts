import type { QuestDbServer } from '@backtide/stack/servers/questdb'

/** Rows of all tables since the server started: as they were sent, and as they were written. */
export interface RowCounters {
  readonly logical: number
  readonly physical: number
}

/** Reads the counters from QuestDB's own metrics. @throws Error when they are not there */
export async function readRowCounters({ healthUrl }: QuestDbServer): Promise<RowCounters> {
  const text = await (await fetch(`${healthUrl}/metrics`)).text()
  return {
    logical: valueOf(text, 'questdb_wal_apply_written_rows_total'),
    physical: valueOf(text, 'questdb_wal_apply_physically_written_rows_total'),
  }
}

function valueOf(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  if (!line) throw new Error(`QuestDB tells no ${name}`)
  return Number(line.slice(name.length + 1))
}
