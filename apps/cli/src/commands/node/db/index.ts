import type { Command } from 'commander'
import type { Output } from '../../../output.ts'
import { addCheckCommand } from './check.ts'
import { addExportCommand } from './export.ts'
import { addImportCommand } from './import.ts'
import { addPruneCommand } from './prune.ts'
import { addStatsCommand } from './stats.ts'

/** `tacit node db`: what is done with a node's database, most of it while no node runs in it. */
export function addDbCommand(node: Command, output: Output): void {
  const group = node.command('db').description("Look after a node's database.")
  addStatsCommand(group, output)
  addCheckCommand(group, output)
  addExportCommand(group, output)
  addImportCommand(group, output)
  addPruneCommand(group, output)
}
