import type { Command } from 'commander'

/** `backtide up` and `backtide stop`: the local stack, brought up here, stopped from anywhere. */
export function addStack(
  program: Command,
  argv: readonly string[],
  end: (code: number) => void,
): void {
  const run = (name: 'up' | 'stop') => async () => {
    const { runStack } = await import('../run-stack.ts')
    end(await runStack(name, argv.slice(argv.indexOf(name) + 1)))
  }
  program
    .command('up')
    .description('bring up everything on this machine and stay until Ctrl-C')
    .option('--json', 'print one line when ready, with all addresses')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', '\nExamples:\n  backtide up\n  backtide up --json')
    .action(run('up'))
  program
    .command('stop')
    .description('stop what "backtide up" or "npm start" brought up, and wait until it has ended')
    .option('--json', 'print one line when it has ended')
    .addHelpText('after', STOP)
    .action(run('stop'))
}

const STOP = `
The stack is the one of this clone, or of BACKTIDE_DATA_DIR; data is kept. Exit code: 0 when nothing
runs (any more), 4 when something does not end.

Examples:
  backtide stop
  BACKTIDE_DATA_DIR=/data/tide backtide stop`
