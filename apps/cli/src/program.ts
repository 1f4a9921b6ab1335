import { Command, CommanderError } from 'commander'
import { addAccountCommand } from './commands/account.ts'
import { addCollateralCommand } from './commands/collateral.ts'
import { addContractCommand } from './commands/contract.ts'
import { addDevCommand } from './commands/dev.ts'
import { addNodeCommand } from './commands/node/index.ts'
import { addVerifyCommand } from './commands/verify.ts'
import { EXIT, type Output } from './output.ts'

/** The command line of tacit; commands set process.exitCode and throw TacitError. */
export function createProgram(output: Output): Command {
  const program = new Command('tacit')
    .description('Confidential compute: attested workers, contracts with secrets, one chain.')
    .version('0.1.0')
    .showHelpAfterError('(add --help for what the command takes)')
    .configureOutput({
      writeOut: (text) => output.line(text.trimEnd()),
      writeErr: (text) => output.error(text.trimEnd()),
    })
    .exitOverride((error) => exitAs(error))
  addDevCommand(program, output)
  addNodeCommand(program, output)
  addAccountCommand(program, output)
  addContractCommand(program, output)
  addVerifyCommand(program, output)
  addCollateralCommand(program, output)
  return program
}

/** Help and version end with 0, a call that was not understood with 2. */
function exitAs(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage)
}
