import type { Command } from 'commander'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { formatTable } from '../show/format.ts'

const EXAMPLES = `
Examples:
  backtide doctor
  backtide doctor --json | jq '.groups[].findings[] | select(.state != "ok")'

Looks at Temporal, QuestDB, workers, and from where a worker is at S3 and other sources; a bucket that you
pay for is asked two questions, which cost a thousandth of a cent.

Exit code: 4 when something is down, so that nothing is loaded; 0 with warnings.`

/** `backtide doctor`: everything Backtide needs, a line each, with what to do about it. */
export function addDoctor(program: Command, context: Context, end: (code: ExitCode) => void): void {
  program
    .command('doctor')
    .description('look at everything Backtide needs, and say what to do about what is wrong')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (options: { readonly json?: boolean }) => end(await run(context, options)))
}

/** Answer of `GET /doctor`. */
interface Examination {
  readonly ok: boolean
  readonly groups: readonly {
    readonly group: string
    readonly findings: readonly {
      readonly check: string
      readonly state: 'ok' | 'warning' | 'down' | 'unknown'
      readonly detail: string
      readonly fix?: string
    }[]
  }[]
}

async function run(context: Context, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  const answer = (await context.client().get('/doctor')) as Examination
  if (json) printJson(context, answer)
  else context.print(showExamination(answer, context.colors))
  return answer.ok ? EXIT.done : EXIT.unavailable
}

type FindingState = Examination['groups'][number]['findings'][number]['state']

/** A sign for each state, and its colour on a terminal (SGR). */
const LOOKS: Readonly<Record<FindingState, readonly [sign: string, color: number]>> = {
  ok: ['✓', 32],
  warning: ['!', 33],
  down: ['✗', 31],
  unknown: ['?', 90],
}

function showExamination({ groups }: Examination, colors: boolean): string {
  const lines = groups.flatMap(({ group, findings }) =>
    findings.map(({ check, state, detail, fix }) => {
      const [sign] = LOOKS[state]
      return { state, cells: [sign, group, check, fix ? `${detail} → ${fix}` : detail] }
    }),
  )
  const table = formatTable(lines.map(({ cells }) => cells)).split('\n')
  if (!colors) return table.join('\n')
  return table
    .map((line, index) => {
      const [sign, color] = LOOKS[lines[index]?.state ?? 'unknown']
      return line.replace(sign, `\u001B[${color}m${sign}\u001B[39m`)
    })
    .join('\n')
}
