import { describeError, EXIT, isUsage, standardOutput } from './output.ts'
import { createProgram } from './program.ts'

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
