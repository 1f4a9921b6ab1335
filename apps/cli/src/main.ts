import { describeError, EXIT, isUsage, standardOutput } from './output.ts'
import { createProgram } from './program.ts'

const program = createProgram(standardOutput)
try {
  await program.parseAsync(process.argv)
} catch (error) {
  standardOutput.error(describeError(error))
  process.exit(isUsage(error) ? EXIT.usage : EXIT.rejected)
}
