import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex, type Hash } from '@tacit/base'
import { devKeypair, type Keypair } from '@tacit/crypto'
import { SPEC_VERSION, TRANSACTION_VERSION } from '@tacit/runtime'
import { signTransfer } from '../packages/node/src/testing/transfers.ts'
import { requirePeer } from './peers.ts'

export const ACCOUNTS = 50
export const TRANSFERS = 10_000
/** Transfers before them, of which a fresh process is not yet as fast as one that has run a while. */
export const FIRST_TRANSFERS = 10_000
/** The accounts of this phrase hold ether on anvil's chain from its first block. */
export const ANVIL_MNEMONIC = 'test test test test test test test test test test test junk'
const ANVIL_CHAIN_ID = 31_337
/** Of the smallest unit of either chain; above our existential deposit or not does not matter. */
const AMOUNT = 10n ** 9n

export type Scheme = 'sr25519' | 'ed25519'

/** The senders of a scheme, who also receive. */
export function senders(scheme: Scheme): readonly Keypair[] {
  return Array.from({ length: ACCOUNTS }, (_, at) => devKeypair(`Bench${at}`, scheme))
}

/** Signed transfers of our chain in hex, in the order of sending. */
export async function signedTransfers(
  scheme: Scheme,
  genesisHash: Hash,
): Promise<readonly string[]> {
  const chain = [SPEC_VERSION, TRANSACTION_VERSION, toHex(genesisHash)].join('-')
  return await remembered(`${scheme}-${chain}`, () => {
    const keys = senders(scheme)
    return inTurns(keys, async (from, to, nonce) =>
      toHex(signTransfer({ from, to: to.accountId, amount: AMOUNT, nonce, genesisHash })),
    )
  })
}

type EthereumAccount = {
  readonly address: string
  signTransaction(transaction: object): Promise<string>
}

/** The same on anvil's chain: transfers of EIP-1559 that offer no fee, as its base fee is zero. */
export async function signedForAnvil(folder: string): Promise<readonly string[]> {
  const { mnemonicToAccount } = requirePeer<{
    mnemonicToAccount(
      this: void,
      phrase: string,
      options: { addressIndex: number },
    ): EthereumAccount
  }>(folder, 'viem/accounts')
  return await remembered('anvil', () => {
    const accounts = Array.from({ length: ACCOUNTS }, (_, addressIndex) =>
      mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex }),
    )
    return inTurns(accounts, (from, to, nonce) =>
      from.signTransaction({
        type: 'eip1559',
        chainId: ANVIL_CHAIN_ID,
        to: to.address,
        value: AMOUNT,
        nonce,
        gas: 21_000n,
        maxFeePerGas: 0n,
        maxPriorityFeePerGas: 0n,
      }),
    )
  })
}

/** Round the accounts, each sending to the next one. */
async function inTurns<T>(
  accounts: readonly T[],
  sign: (from: T, to: T, nonce: number) => Promise<string>,
): Promise<readonly string[]> {
  const signed: string[] = []
  for (let nonce = 0; signed.length < FIRST_TRANSFERS + TRANSFERS; nonce++) {
    for (const [at, from] of accounts.entries()) {
      const to = accounts[(at + 1) % accounts.length]
      if (to) signed.push(await sign(from, to, nonce))
    }
  }
  return signed
}

/** Signing takes half a minute, hence what was signed is kept in a temporary directory. */
async function remembered(
  name: string,
  make: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const folder = join(tmpdir(), 'tacit-bench-chain')
  const count = FIRST_TRANSFERS + TRANSFERS
  const file = createHash('sha256').update(`${name} ${count} ${ACCOUNTS}`).digest('hex')
  const path = join(folder, `${file}.txt`)
  if (existsSync(path)) return readFileSync(path, 'utf8').split('\n')
  console.error(`signing ${count} transfers (${name})`)
  const made = await make()
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, made.join('\n'))
  return made
}
