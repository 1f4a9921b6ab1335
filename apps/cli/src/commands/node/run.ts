import type { Command } from 'commander'

/** The node reads its flags itself, so that they are the same in the environment and in a file. */
export function addRunCommand(group: Command): void {
  group
    .command('run')
    .description('Run a node until a signal ends it; --help lists its settings.')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[flags...]', 'settings of the node')
    .action(async (flags: readonly string[]) => {
      const { runCommand } = await import('@tacit/node/command')
      await runCommand('tacit node run', flags)
    })
}
