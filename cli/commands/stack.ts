import type { Command } from 'commander'

/** `backtide up` and `backtide stop`: the local stack, brought up here, stopped from anywhere. */
export function addStack(
  program: Command,
  argv: readonly string[],
  end: (code: number) => void,
): void {
  const run = (name: 'up' | 'stop') => async () => {
    const { runStack } = await import('../run-stack.ts')
    end(await runStack(name, argv.toSpliced(argv.indexOf(name), 1)))
  }
  program
    .command('up')
    .description('bring up everything on this machine and stay until Ctrl-C')
    .option('--json', 'print one line when ready, with all addresses')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', UP)
    .action(run('up'))
  program
    .command('stop')
    .description('stop what "backtide up" or "npm start" brought up, and wait until it has ended')
    .option('--json', 'print one line when it has ended')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', STOP)
    .action(run('stop'))
}

const UP = `
Every setting that is no secret has a flag, as "backtide config show" names it: --api-port of
api.port, --data-dir of data.dir.

Examples:
  backtide up
  backtide up --json
  backtide up --api-port 9000 --data-dir ./data`

const STOP = `
The stack is the one of this clone, or of data.dir (BACKTIDE_DATA_DIR, --data-dir); data is kept.
Exit code: 0 when nothing runs (any more), 4 when something does not end.

Examples:
  backtide stop
  BACKTIDE_DATA_DIR=/data/tide backtide stop`
