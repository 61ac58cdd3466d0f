/** The name that is most like what was written, if any is: `prot` is `port`. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  const word = written.toLowerCase()
  const ranked = names
    .map((name) => ({ name, edits: editsBetween(word, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.max(1, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.edits - b.edits)
  return ranked[0]?.name
}

/** Letters to add, drop, replace or swap with their neighbour until one word is the other. */
function editsBetween(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1]
      const steps = [at(rows, i - 1, j - 1) + (same ? 0 : 1), at(rows, i - 1, j) + 1]
      steps.push((row[j - 1] ?? 0) + 1)
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (swapped) steps.push(at(rows, i - 2, j - 2) + 1)
      row.push(Math.min(...steps))
    }
    rows.push(row)
  }
  return at(rows, from.length, to.length)
}

function at(rows: readonly (readonly number[])[], row: number, column: number): number {
  return rows[row]?.[column] ?? Number.POSITIVE_INFINITY
}
