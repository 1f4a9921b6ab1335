import type { Command } from 'commander'
import { dbStats, type DatabaseStats } from '@tacit/node/database'
import { plain, toJson, type Output } from '../../../output.ts'
import { formatBytes, onTarget, withTarget, type DbOptions } from './options.ts'

const HELP = `
A node may run meanwhile. Bytes are pages of the file, gaps included.

Errors: database_absent, database_version, chain_spec_unreadable.
`

export function addStatsCommand(group: Command, output: Output): void {
  withTarget(group.command('stats').description('Show what the database holds and takes up.'))
    .addHelpText('after', HELP)
    .action(async (options: DbOptions) => {
      const stats = await onTarget(options, ({ directory }) => dbStats(directory))
      output.line(options.json ? toJson(plain(stats)) : describe(stats))
    })
}

function describe({
  path,
  fileBytes,
  pageBytes,
  freePages,
  columns,
  chain,
}: DatabaseStats): string {
  const rows = columns.map(({ name, entries, depth, bytes, averageBytes }) =>
    [name, entries, depth, formatBytes(bytes), averageBytes].map(String),
  )
  const table = [['column', 'entries', 'depth', 'size', 'bytes each'], ...rows]
  return [
    `${path}  ${formatBytes(fileBytes)}, of it free ${formatBytes(freePages * pageBytes)}`,
    ...(chain
      ? [
          `blocks ${chain.firstNumber} to ${chain.bestNumber}, ${chain.indexed === undefined ? 'pruned' : 'archive'}`,
          `oldest state ${chain.oldestState}, oldest body ${chain.oldestBody}`,
        ]
      : ['no chain yet']),
    ...table.map(([name = '', ...cells]) =>
      [name.padEnd(16), ...cells.map((cell) => cell.padStart(12))].join(''),
    ),
  ].join('\n')
}
