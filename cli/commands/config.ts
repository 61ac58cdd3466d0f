import type { ShownSetting } from '@backtide/config/show'
import type { Command } from 'commander'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { formatTable } from '../show/format.ts'

const EXAMPLES = `
Flags of settings, as "backtide up" takes them, count here too.

Examples:
  backtide config show
  backtide config show --config /etc/backtide.yaml --api-port 9000
  backtide config show --json | jq -r '.settings[] | select(.origin.from != "default") | .name'`

/** `backtide config show`: every setting and where it comes from. */
export function addConfig(
  program: Command,
  context: Context,
  argv: readonly string[],
  end: (code: ExitCode) => void,
): void {
  program
    .command('config')
    .description('look at the configuration')
    .command('show')
    .description('show every setting and where it comes from; secrets are masked')
    .option('--json', 'print them as one line')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', EXAMPLES)
    .action(async ({ json }: { readonly json?: boolean }) => {
      const { readShown } = await import('../settings.ts')
      const { file, settings } = await readShown(withoutCommand(argv))
      if (json) printJson(context, { file, settings })
      else context.print(showSettings(file, settings))
      end(EXIT.done)
    })
}

function withoutCommand(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((word, index) => word === 'config' && argv[index + 1] === 'show')
  return [...argv.slice(0, at), ...argv.slice(at + 2)]
}

function showSettings(file: string | null, settings: readonly ShownSetting[]): string {
  const groups = [...new Set(settings.map(groupOf))]
  const rows = groups.flatMap((group) => {
    const members = settings.filter((setting) => groupOf(setting) === group)
    const [only] = members
    // A setting without a section is a group of its own.
    if (only?.name === group) return [EMPTY, rowOf(only, only.name)]
    const lines = members.map((setting) => rowOf(setting, `  ${lastPart(setting.name)}`))
    return [EMPTY, [group, '', ''], ...lines]
  })
  const read = file === null ? 'No file is read: there is no backtide.yaml here.' : `File: ${file}`
  return `${read}\n${formatTable(rows)}`
}

const EMPTY = ['', '', '']

function rowOf({ value, origin }: ShownSetting, label: string): string[] {
  return [label, value === null ? '–' : textOf(value), origin.name]
}

function lastPart(name: string): string {
  return name.slice(name.indexOf('.') + 1)
}

function groupOf({ name }: ShownSetting): string {
  if (/^[A-Z_0-9]+$/.test(name)) return 'read by the SDKs themselves'
  return name.replace(/\..*/, '')
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
