/** How found rows differ from expected ones. */
export interface RowDifference {
  readonly kind: 'missing' | 'surplus' | 'different'
  /** As `keyText` writes it: coin, then time, then the rest. */
  readonly key: string
  readonly expected?: string
  readonly found?: string
}

/** Compares in both directions; a key that is found twice is surplus once. */
export function compareRows(
  expected: ReadonlyMap<string, string>,
  found: readonly (readonly [string, string])[],
): RowDifference[] {
  const seen = new Set<string>()
  const differences: RowDifference[] = []
  for (const [key, value] of found) {
    const wanted = expected.get(key)
    if (wanted === undefined || seen.has(key)) {
      differences.push({ kind: 'surplus', key, found: value })
    } else if (wanted !== value) {
      differences.push({ kind: 'different', key, expected: wanted, found: value })
    }
    seen.add(key)
  }
  for (const [key, value] of expected) {
    if (!seen.has(key)) differences.push({ kind: 'missing', key, expected: value })
  }
  return differences
}
