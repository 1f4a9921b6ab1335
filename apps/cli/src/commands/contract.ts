import { readFile, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { accountIdToAddress, parseAddress, toHex, utf8, type AccountId } from '@tacit/base'
import {
  collectReceipt,
  deployContract,
  openSession,
  readCommandFee,
  readContract,
  readOutput,
  receiptToJson,
  sendCommand,
  untilCommitted,
  untilContractLive,
  uploadCode,
} from '@tacit/sdk'
import { formatPha, parsePha } from '../amount.ts'
import { buildContract } from '../build-contract.ts'
import { RPC_OPTION, withChain } from '../connection.ts'
import { loadSigner, parseScheme } from '../keys.ts'
import { toJson, usageError, type Output } from '../output.ts'
import { parseAccount } from './account.ts'

type Common = { readonly rpc: string; readonly scheme: string; readonly json?: boolean }

export function addContractCommand(program: Command, output: Output): void {
  const contract = program
    .command('contract')
    .description('Build, deploy and use JavaScript contracts that keep secrets.')
  addBuild(contract, output)
  addDeploy(contract, output)
  addSend(contract, output)
  addQuery(contract, output)
}

function addBuild(contract: Command, output: Output): void {
  contract
    .command('build')
    .description(
      'Bundle a contract in TypeScript or JavaScript into the one module that is deployed.',
    )
    .argument('<entry>', 'file with the contract as its default export')
    .option('--out <file>', 'where to write the module', 'contract.js')
    .addHelpText(
      'after',
      '\nExample:\n  npx tacit contract build examples/dark-pool-lite/src/contract.ts --out pool.js\n\n' +
        'Errors: contract_build_failed (with esbuild’s own words and places).',
    )
    .action(async (entry: string, { out }: { readonly out: string }) => {
      const { code, hash } = await buildContract(entry)
      await writeFile(out, code)
      output.line(`${out}: ${code.length} bytes, BLAKE2b-256 ${toHex(hash)}`)
    })
}

function addDeploy(contract: Command, output: Output): void {
  contract
    .command('deploy')
    .description('Store a built module on the chain and deploy it on a worker’s slot.')
    .argument('<module>', 'file that `tacit contract build` wrote')
    .requiredOption('--from <signer>', 'owner: //Alice or a key file')
    .requiredOption('--operator <account>', 'operator of the slot that will serve the contract')
    .option('--slot <index>', 'index of the slot at its operator', '0')
    .option('--init <json>', 'public input of the constructor', 'null')
    .option('--scheme <name>', "scheme of the signer's key", 'sr25519')
    .option(...RPC_OPTION)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  npx tacit contract deploy pool.js --from //Alice --operator //Worker\n\n' +
        'Errors: dispatch_failed (Contracts.SlotNotServing, Contracts.CodeNotUtf8, ...), contract_failed.',
    )
    .action(async (file: string, options: Common & DeployFlags) => {
      const code = await readFile(file).catch(() => undefined)
      if (!code)
        throw usageError(`There is no file ${file}`, 'Build it: tacit contract build ENTRY.')
      const owner = await loadSigner(options.from, parseScheme(options.scheme))
      const slot = {
        operator: await parseAccount(options.operator, 'sr25519'),
        index: parseIndex(options.slot),
      }
      const init = parseJson(options.init, '--init')
      const deployed = await withChain(options.rpc, async (chain) => {
        const codeHash = await uploadCode(chain, owner, new Uint8Array(code))
        const id = await deployContract(chain, owner, { codeHash, slot, init })
        await untilContractLive(chain, id)
        return { id, codeHash, root: (await readContract(chain, id)).root }
      })
      const { id, codeHash, root } = deployed
      if (options.json) {
        return output.line(
          toJson({ contract: toHex(id), codeHash: toHex(codeHash), root: toHex(root) }),
        )
      }
      output.line(
        `contract ${toHex(id)}\naccount  ${accountIdToAddress(id)}\nroot     ${toHex(root)}`,
      )
    })
}

type DeployFlags = {
  readonly from: string
  readonly operator: string
  readonly slot: string
  readonly init: string
}

function addSend(contract: Command, output: Output): void {
  contract
    .command('send')
    .description('Seal a command, send it, wait for its commit and keep the receipt.')
    .argument('<contract>', 'contract id (0x-hex) or its address')
    .argument('<method>', 'name of the command')
    .argument('[input]', 'JSON', 'null')
    .requiredOption('--from <signer>', '//Alice or a key file')
    .option('--value <pha>', 'PHA that the contract receives if the command succeeds', '0')
    .option('--receipt <file>', 'write the receipt there')
    .option('--scheme <name>', "scheme of the signer's key", 'sr25519')
    .option(...RPC_OPTION)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Example:
  npx tacit contract send 0x<contract> place '{"side":"buy","price":"101","quantity":"5"}' --from //Bob

Errors: dispatch_failed (Contracts.WrongEpoch, Contracts.ContractUnknown, token.FundsUnavailable, ...),
inbox_key_missing; a command that fails inside the contract ends with its own code and exit code 1.`,
    )
    .action(async (id: string, method: string, input: string, options: Common & SendFlags) => {
      const done = await send(id, method, input, options)
      if (options.receipt !== undefined) await writeFile(options.receipt, done.receipt)
      process.exitCode = done.code === 'ok' ? 0 : 1
      const { receipt: _, ...shown } = done
      if (options.json) return output.line(toJson(shown))
      output.line(
        `command ${done.sequence}: ${done.code}, gas ${done.gasUsed}, paid ${formatPha(done.fee)}, ` +
          `block ${done.block}`,
      )
      if (done.output !== undefined) output.line(`output  ${JSON.stringify(done.output)}`)
      if (options.receipt === undefined) return
      output.line(
        `receipt in ${options.receipt}; check it offline:\n` +
          `  npx tacit verify ${options.receipt} --checkpoint ${done.genesis}`,
      )
    })
}

type SendFlags = { readonly from: string; readonly value: string; readonly receipt?: string }

async function send(
  text: string,
  method: string,
  inputText: string,
  options: Common & SendFlags,
): Promise<SendResult> {
  const signer = await loadSigner(options.from, parseScheme(options.scheme))
  const contract = await parseContract(text)
  const input = parseJson(inputText, 'the input')
  const value = parsePha(options.value)
  if (value === undefined)
    throw usageError(`${options.value} is no amount`, 'Write 1.5 or 1500planck.')
  return withChain(options.rpc, async (chain) => {
    const sent = await sendCommand(chain, signer, { contract, method, input, value })
    const commit = await untilCommitted(chain, contract, sent.sequence)
    const done = await readCommandFee(chain, commit, sent.sequence)
    const session = await openSession(chain, { contract, account: signer })
    const { output, bytes } = await readOutput(session, sent.sequence)
    const disclosed = {
      salt: sent.salt,
      input: utf8(JSON.stringify(input)),
      ...(bytes.length > 0 ? { output: bytes } : {}),
    }
    const receipt = await collectReceipt(chain, commit, sent.sequence, disclosed)
    return {
      sequence: sent.sequence,
      code: done?.code ?? 'unknown',
      gasUsed: done?.gasUsed ?? 0n,
      fee: done?.fee ?? 0n,
      output,
      block: commit.block.number,
      genesis: toHex(chain.genesisHash),
      receipt: receiptToJson(receipt),
    }
  })
}

type SendResult = {
  readonly sequence: bigint
  readonly code: string
  readonly gasUsed: bigint
  readonly fee: bigint
  /** Known to the sender alone. */
  readonly output: unknown
  readonly block: number
  readonly genesis: string
  readonly receipt: string
}

function addQuery(contract: Command, output: Output): void {
  contract
    .command('query')
    .description('Ask a contract’s enclave over an attested, encrypted session.')
    .argument('<contract>', 'contract id (0x-hex) or its address')
    .argument('<method>', 'name of the query')
    .argument('[input]', 'JSON', 'null')
    .option('--as <signer>', 'speak as //Alice or the key of a file; else as nobody')
    .option('--scheme <name>', "scheme of the signer's key", 'sr25519')
    .option(...RPC_OPTION)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  npx tacit contract query 0x<contract> fill --as //Bob\n\n' +
        'Errors: worker_unknown, worker_unreachable, session_forged, session_stale, or the contract’s own code.',
    )
    .action(
      async (id: string, method: string, inputText: string, options: Common & { as?: string }) => {
        const contractId = await parseContract(id)
        const input = parseJson(inputText, 'the input')
        const account =
          options.as === undefined
            ? undefined
            : await loadSigner(options.as, parseScheme(options.scheme))
        const answer = await withChain(options.rpc, async (chain) => {
          const session = await openSession(chain, {
            contract: contractId,
            ...(account ? { account } : {}),
          })
          return session.query(method, input)
        })
        if (options.json) return output.line(toJson({ ...answer, root: toHex(answer.root) }))
        output.line(
          `${JSON.stringify(answer.output, undefined, 2)}\n` +
            `answered at block ${answer.height}, root ${toHex(answer.root)}, in ${answer.roundTripMs.toFixed(1)} ms`,
        )
      },
    )
}

async function parseContract(text: string): Promise<AccountId> {
  if (/^0x[0-9a-fA-F]{64}$/.test(text) || parseAddress(text).ok)
    return parseAccount(text, 'sr25519')
  throw usageError(
    `${text} is no contract`,
    'Give its id, 0x and 64 hex digits, or its address; `tacit contract deploy` prints both.',
  )
}

function parseIndex(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw usageError(`${text} is no slot index`, 'Write a number from 0.')
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw usageError(`${what} is not JSON: ${text.slice(0, 80)}`, 'Quote it for your shell.')
  }
}
