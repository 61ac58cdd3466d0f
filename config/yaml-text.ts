import { LineCounter, parseDocument, visit, type Document } from 'yaml'

/** A YAML text as it was read. */
export interface YamlText {
  readonly document: Document
  /** Where an offset of the text is, as faults say it: `file:line:column`. */
  readonly at: (offset: number) => string
  /** What makes it no YAML, aliases without an anchor included; each with its place. */
  readonly faults: readonly string[]
}

/** Reads a YAML text without throwing. @param shown how faults call the file */
export function readYaml(text: string, shown: string): YamlText {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return `${shown}:${line}:${col}`
  }
  const faults = document.errors.map(({ pos, message }) => `${at(pos[0])}: ${message}`)
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document)) return
      faults.push(`${at(alias.range?.[0] ?? 0)}: the alias ${alias.source} has no anchor before it`)
    },
  })
  return { document, at, faults }
}
