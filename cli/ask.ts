import { createInterface } from 'node:readline/promises'

/** Asks on stderr, as stdout is data; undefined where nobody can answer. */
export async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const ended = new AbortController()
  lines.once('close', () => ended.abort())
  try {
    return await lines.question(question, { signal: ended.signal })
  } catch {
    // Ctrl-C or Ctrl-D: whatever was asked, the answer is not yes.
    return ''
  } finally {
    lines.close()
  }
}
