// `npm run settings`: writes what people read of the settings, from their declaration.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { envExample, settingsTable, yamlExample } from './documents.ts'

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))

writeFileSync(path('.env.example'), envExample())
writeFileSync(path('backtide.example.yaml'), yamlExample())

const operations = path('docs/operations.md')
const text = readFileSync(operations, 'utf8')
const between = /(<!-- settings -->\n)[^]*?(\n<!-- \/settings -->)/
if (!between.test(text)) throw new Error(`${operations} has no <!-- settings -->`)
writeFileSync(
  operations,
  text.replace(between, () => `<!-- settings -->\n\n${settingsTable()}\n\n<!-- /settings -->`),
)
