/**
 * Longest list of values a statement holds, in bytes of a URL. QuestDB takes statements by GET only,
 * and drops the connection of one whose head is over 32 KB (measured on 9.3.4).
 */
const MAX_ENCODED = 16_000

/**
 * Asks about a list of values of any length, as many statements as it takes, one after the other;
 * an empty list asks once.
 */
export async function inChunks<T>(
  values: readonly string[],
  ask: (chunk: readonly string[]) => Promise<T>,
): Promise<T[]> {
  const answers: T[] = []
  for (const chunk of chunksOf(values)) answers.push(await ask(chunk))
  return answers
}

/** The values in their order, cut so that each part fits a statement. */
export function chunksOf(values: readonly string[]): readonly (readonly string[])[] {
  const chunks: string[][] = [[]]
  let length = 0
  for (const value of values) {
    const more = encodeURIComponent(`'${value.replaceAll("'", "''")}', `).length
    if (length > 0 && length + more > MAX_ENCODED) {
      chunks.push([])
      length = 0
    }
    chunks.at(-1)?.push(value)
    length += more
  }
  return chunks
}
