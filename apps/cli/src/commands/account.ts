import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import {
  accountIdToAddress,
  bytesToHex,
  parseAddress,
  parseHex,
  toHex,
  type AccountId,
} from '@tacit/base'
import { keypairFromSeed } from '@tacit/crypto'
import { readBalance, transfer } from '@tacit/sdk'
import { formatPha, parsePha } from '../amount.ts'
import { withChain, RPC_OPTION } from '../connection.ts'
import { loadSigner, parseScheme } from '../keys.ts'
import { toJson, usageError, type Output } from '../output.ts'

type Scheme = { readonly scheme: string }
type Rpc = { readonly rpc: string; readonly json?: boolean }

export function addAccountCommand(program: Command, output: Output): void {
  const account = program.command('account').description('Make keys, read balances, pay.')
  addNew(account, output)
  addShow(account, output)
  addTransfer(account, output)
}

function addNew(account: Command, output: Output): void {
  account
    .command('new')
    .description('Make a new key pair and keep its secret seed in a file only you can read.')
    .requiredOption('--out <file>', 'file for the secret seed; must not exist')
    .option('--scheme <name>', 'sr25519, ed25519 or ecdsa', 'sr25519')
    .addHelpText(
      'after',
      '\nExample:\n  npx tacit account new --out my.key\n\nErrors: usage (the file exists already).',
    )
    .action(async ({ out, scheme }: Scheme & { readonly out: string }) => {
      const seed = randomBytes(32)
      const pair = keypairFromSeed(parseScheme(scheme), seed)
      await writeFile(out, `${bytesToHex(seed)}\n`, { mode: 0o600, flag: 'wx' }).catch(() => {
        throw usageError(`${out} exists or cannot be written`, 'Name another file.')
      })
      output.line(`address ${accountIdToAddress(pair.accountId)}\nsecret seed in ${out}`)
    })
}

function addShow(account: Command, output: Output): void {
  account
    .command('show')
    .description("Show an account's address and its balance, proved by a read proof.")
    .argument('<account>', 'address, 0x-hex account id, //Alice, or a key file')
    .option('--scheme <name>', 'scheme of //Alice or of the key file', 'sr25519')
    .option(...RPC_OPTION)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  npx tacit account show //Alice\n\nErrors: rpc_unreachable, usage (no account).',
    )
    .action(async (text: string, { scheme, rpc, json }: Scheme & Rpc) => {
      const id = await parseAccount(text, scheme)
      const { balance, height } = await withChain(rpc, async (chain) => ({
        balance: await readBalance(chain, id),
        height: chain.head().number,
      }))
      const address = accountIdToAddress(id)
      if (json) return output.line(toJson({ address, accountId: toHex(id), ...balance, height }))
      output.line(
        `address  ${address}\nid       ${toHex(id)}\nfree     ${formatPha(balance.free)}\n` +
          `held     ${formatPha(balance.reserved)}\nnonce    ${balance.nonce}\nproved at block ${height}`,
      )
    })
}

function addTransfer(account: Command, output: Output): void {
  account
    .command('transfer')
    .description('Pay PHA to an account and wait until the payment is final.')
    .argument('<to>', 'address, 0x-hex account id, or //Bob')
    .argument('<amount>', 'in PHA (1.5) or planck (1500planck)')
    .requiredOption('--from <signer>', '//Alice or a key file')
    .option('--scheme <name>', "scheme of the signer's key", 'sr25519')
    .option(...RPC_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  npx tacit account transfer //Bob 1.5 --from //Alice\n\n' +
        'Errors: rpc_failed (balance too low for amount and fee), dispatch_failed (token.Frozen, ...).',
    )
    .action(async (to: string, amount: string, options: Scheme & Rpc & { from: string }) => {
      const planck = parsePha(amount)
      if (planck === undefined)
        throw usageError(`${amount} is no amount`, 'Write 1.5 or 1500planck.')
      const dest = await parseAccount(to, 'sr25519')
      const signer = await loadSigner(options.from, parseScheme(options.scheme))
      const { block } = await withChain(options.rpc, (chain) =>
        transfer(chain, signer, dest, planck),
      )
      output.line(`paid ${formatPha(planck)} in block ${block.number} (${toHex(block.hash)})`)
    })
}

/** An account by address, id, development name or key file. */
export async function parseAccount(text: string, scheme: string): Promise<AccountId> {
  const id = text.startsWith('0x') ? parseHex(text) : undefined
  if (id?.ok && id.value.length === 32) return id.value as AccountId
  const address = parseAddress(text)
  if (address.ok) return address.value
  if (address.error.code === 'address_prefix') {
    throw usageError(
      `${text} is an address of another network (prefix ${address.error.prefix})`,
      'Use the address with prefix 30, or the account id in 0x-hex.',
    )
  }
  return (await loadSigner(text, parseScheme(scheme))).accountId
}
