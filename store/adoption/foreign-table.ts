import { DEAD, SEAM, type DataTable } from '@backtide/core/table'
import type { QuestDb } from '../questdb.ts'
import type { OwnTable } from '../schema/migration.ts'
import { readShape, type TableShape } from '../schema/table-shape.ts'

/** What stands at the name of a view of ours. */
export type Standing = 'nothing' | 'adoptable' | 'other'

/** Looks at what stands at the name of a table's view: the view itself, or nothing, is `nothing`. */
export async function foreignTable(db: QuestDb, table: DataTable): Promise<Standing> {
  const shape = await readShape(db, table.view.name)
  if (!shape) return 'nothing'
  return isAdoptable(table, shape) ? 'adoptable' : 'other'
}

/**
 * Whether a table has the columns that readers see of one of ours, in whatever order, with or without
 * upsert keys: `market_data` and `l2_snapshot` as AnySignal has them. Where ours says who told of a row,
 * another's need not.
 */
export function isAdoptable({ columns, view }: OwnTable, found: TableShape): boolean {
  if (!view) return false
  const wanted = Object.keys(columns).filter((name) => name !== SEAM && name !== DEAD)
  const known = found.columns.every(({ name, type }) => {
    const own = wanted.includes(name) ? columns[name] : undefined
    return own !== undefined && kindOf(own) === kindOf(type)
  })
  const names = new Set(found.columns.map(({ name }) => name))
  return known && wanted.every((name) => names.has(name) || name === view.picked?.column)
}

/** Types that QuestDB makes of each other where rows are copied. */
function kindOf(type: string): string {
  return KINDS.find((kind) => kind.includes(type))?.[0] ?? type
}

const KINDS = [
  ['SYMBOL', 'VARCHAR', 'STRING'],
  ['BYTE', 'SHORT', 'INT', 'LONG'],
  ['FLOAT', 'DOUBLE'],
]
