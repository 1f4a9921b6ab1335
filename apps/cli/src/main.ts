import { keepCompiledCode } from '@tacit/node/compile-cache'

// Before the rest is loaded, which is most of what a command takes.
keepCompiledCode()
const { describeError, EXIT, isUsage, standardOutput } = await import('./output.ts')
const { createProgram } = await import('./program.ts')

// A reader that has seen enough, such as head, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.ok)
})
const program = createProgram(standardOutput)
try {
  await program.parseAsync(process.argv)
} catch (error) {
  standardOutput.error(describeError(error))
  process.exit(isUsage(error) ? EXIT.usage : EXIT.rejected)
}
