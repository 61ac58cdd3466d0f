import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A block of a document that is followed by what it prints. */
export interface Snippet {
  readonly language: 'sh' | 'sql' | 'python'
  readonly code: string
  readonly output: string
}

/** Where snippets run. */
export interface SnippetPlace {
  /** With the data folder as `.backtide` in it; files that snippets write stay there. */
  readonly folder: string
  /** `http://127.0.0.1:<port>` */
  readonly questdb: string
  readonly pgPort: number
}

/** What a snippet printed, or why it cannot be run on this machine. */
export type Printed = { readonly printed: string } | { readonly skipped: string }

/** Blocks of `sh`, `sql` and `python` that have a block of `text` right below them. */
export function snippetsOf(markdown: string): readonly Snippet[] {
  const block = '((?:(?!```)[^])*)```'
  const pattern = new RegExp(`\`\`\`(sh|sql|python)\\n${block}\\n\\n\`\`\`text\\n${block}`, 'g')
  return [...markdown.matchAll(pattern)].map(([, language, code = '', output = '']) => ({
    language: language as Snippet['language'],
    code,
    output,
  }))
}

/** Runs a snippet as it stands, but for the ports. */
export async function runSnippet(snippet: Snippet, place: SnippetPlace): Promise<Printed> {
  const { command, script } = scriptOf(snippet)
  const code = script
    .replaceAll('http://127.0.0.1:9000', place.questdb)
    .replaceAll('8812', String(place.pgPort))
  const missing = await missingFor(snippet)
  if (missing) return { skipped: missing }
  const { stdout } = await run(command, ['-c', code], { cwd: place.folder, timeout: 60_000 })
  return { printed: stdout }
}

/** Texts of tables are compared by their words: widths differ between versions. */
export function wordsOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim().replaceAll(/\s+|-{2,}/g, ' '))
  return lines.filter((line) => line !== '')
}

function scriptOf({ language, code }: Snippet): {
  readonly command: string
  readonly script: string
} {
  if (language === 'python') return { command: 'python3', script: code }
  if (language === 'sh') return { command: 'sh', script: code }
  const quoted = `'query=${code.replaceAll("'", `'\\''`)}'`
  const login = '-u "$(cat .backtide/questdb/credentials)"'
  const script = `curl -sG ${login} http://127.0.0.1:9000/exp --data-urlencode ${quoted}`
  return { command: 'sh', script }
}

/** What a snippet needs and this machine has not, if anything. */
async function missingFor({ language, code }: Snippet): Promise<string | undefined> {
  if (language === 'python') {
    const modules = [...code.matchAll(/^import (\w+)/gm)].map(([, name]) => name)
    return await absent(
      'python3',
      ['-c', `import ${modules.join(', ')}`],
      `python3 with ${modules.join(', ')}`,
    )
  }
  if (code.includes('psql')) return await absent('psql', ['--version'], 'psql')
  return await absent('curl', ['--version'], 'curl')
}

async function absent(
  command: string,
  args: readonly string[],
  what: string,
): Promise<string | undefined> {
  return await run(command, args).then(
    () => undefined,
    () => `there is no ${what} here`,
  )
}
