import { runCommand } from './run-command.ts'

await runCommand('node packages/node/src/main.ts', process.argv.slice(2))
