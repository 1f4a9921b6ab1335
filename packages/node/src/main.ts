import { NodeError } from './errors.ts'
import { parseSettings, USAGE } from './flags.ts'

/** The rules are loaded only once the command line is right: a mistake is told at once. */
async function main(): Promise<void> {
  const settings = parseSettings(process.argv.slice(2))
  if (settings.help) return void process.stdout.write(USAGE)
  const { runProcess } = await import('./run-process.ts')
  await runProcess(settings)
}

await main().catch((fault: unknown) => {
  const isFlag = fault instanceof NodeError && fault.code.startsWith('flag_')
  const text = fault instanceof NodeError ? `${fault.code}: ${fault.message}` : String(fault)
  process.stderr.write(`${text}\n`)
  process.exitCode = isFlag ? 2 : 1
})
