import type { IlpRow } from './ilp-reader.ts'

/**
 * Evaluates a dataset's checksum expression over a row in exact integers, as QuestDB does: enough of
 * its SQL for the forms that `datasets/checksum.ts` writes. @throws SyntaxError for any other form
 */
export function evaluateCheck(expression: string, row: IlpRow): number {
  const script = expression
    .replaceAll(/coalesce\(\(\(([^()]+)\) \* 1e8\)::long, 0\)/g, (_, of: string) => `scaled(${of})`)
    .replaceAll(/\((\w+)\)::long/g, 'long($1)')
    .replaceAll(/(\w+)\[(\d+), (\d+)\]/g, 'element($1, $2, $3)')
    .replaceAll(/CASE WHEN (\w+) = ('\w+') THEN (\d+) ELSE (\d+) END/g, '($1 === $2 ? $3 : $4)')
    .replaceAll(/(?<![\w'])\d+(?!\w)/g, '$&n')
  const scope: Record<string, unknown> = { ...FUNCTIONS, ts: row.ts, ...row.values }
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is a dataset's own expression
  const evaluate = new Function('scope', `with (scope) { return ${script} }`)
  return Number(evaluate(new Proxy(scope, { has: () => true })))
}

/** Columns that are NULL are undefined here. */
const FUNCTIONS = {
  scaled: (value: number | undefined) => BigInt(Math.trunc((value ?? 0) * 1e8)),
  long: (value: number | string) => BigInt(value),
  element: (array: number[][], row: bigint, level: bigint) => {
    return array[Number(row) - 1]?.[Number(level) - 1]
  },
  dim_length: (array: number[][]) => BigInt(array[0]?.length ?? 0),
}
