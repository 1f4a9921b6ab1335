import type { Command } from 'commander'
import { addRunCommand } from './run.ts'

/** `tacit node`: what an operator does with a node and its database. */
export function addNodeCommand(program: Command): void {
  const group = program.command('node').description('Run a node and look after its database.')
  addRunCommand(group)
}
