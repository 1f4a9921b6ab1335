import type { Command } from 'commander'
import type { Output } from '../../output.ts'
import { addDbCommand } from './db/index.ts'
import { addRunCommand } from './run.ts'

/** `tacit node`: what an operator does with a node and its database. */
export function addNodeCommand(program: Command, output: Output): void {
  const group = program.command('node').description('Run a node and look after its database.')
  addRunCommand(group)
  addDbCommand(group, output)
}
