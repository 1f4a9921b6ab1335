import { encode, utf8, type AccountId, type Hash } from '@tacit/base'
import { hpkeSeal, type Keypair } from '@tacit/crypto'
import {
  commandAad,
  commandInfo,
  commandPlaintext,
  contractId,
  contractsCalls,
  contractsStorage,
  CONTRACTS_INDEX,
  encodeCall,
  keysStorage,
  pad,
  sealedCommand,
  type CommitPayload,
  type SlotId,
} from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'
import type { Chain, JustifiedBlock } from './chain.ts'
import { TacitError } from './errors.ts'
import { findEvent, readEvents, submitSigned, type Included } from './submit.ts'
import { readContract } from './workers.ts'

/** Gas for a command where the caller names none; what is not used is released. */
export const DEFAULT_GAS_LIMIT = 50_000_000n

/**
 * Stores a module on the chain unless it is there already.
 * @returns its BLAKE2b-256, by which it is deployed.
 */
export async function uploadCode(chain: Chain, owner: Keypair, code: Uint8Array): Promise<Hash> {
  const codeHash = chain.crypto.hashes.blake2b256(code) as Hash
  if ((await chain.read(contractsStorage.CodeInfos, [codeHash])) !== undefined) return codeHash
  await submitSigned(
    chain,
    encodeCall(CONTRACTS_INDEX, contractsCalls.upload_code, { code }),
    owner,
  )
  return codeHash
}

export type DeployOptions = {
  readonly codeHash: Hash
  /** The slot whose enclave will serve the contract. */
  readonly slot: SlotId
  /** JSON value for the constructor; public. */
  readonly init?: unknown
  readonly gasLimit?: bigint
  /** 32 bytes that tell contracts of one owner and code apart; random if left out. */
  readonly salt?: Uint8Array
}

/**
 * Deploys a stored module; its constructor waits in the inbox until the enclave has its keys.
 * @returns the contract's id, which is its account.
 */
export async function deployContract(
  chain: Chain,
  owner: Keypair,
  options: DeployOptions,
): Promise<AccountId> {
  const salt = options.salt ?? crypto.getRandomValues(new Uint8Array(32))
  const { codeHash, slot } = options
  const init = utf8(JSON.stringify(options.init ?? null))
  const gasLimit = options.gasLimit ?? DEFAULT_GAS_LIMIT
  const args = { codeHash, salt, slot, init, gasLimit }
  await submitSigned(chain, encodeCall(CONTRACTS_INDEX, contractsCalls.deploy, args), owner)
  return contractId(chain.crypto.hashes, chain.genesisHash, owner.accountId, codeHash, salt)
}

/**
 * Waits until a contract takes commands: its constructor is committed and its inbox key published.
 * @throws TacitError `contract_failed` where the constructor failed.
 */
export async function untilContractLive(chain: Chain, contract: AccountId): Promise<void> {
  const isLive = async (): Promise<boolean> => {
    const { status } = await readContract(chain, contract)
    if (status.type !== 'Failed') return status.type === 'Live'
    throw new TacitError({
      code: 'contract_failed',
      shortMessage: "The contract's constructor failed",
      fix: 'Correct the contract or its init input and deploy it again with another salt.',
    })
  }
  while (!(await isLive())) {
    const { number } = chain.head()
    await chain.untilJustified((block) => block.number > number)
  }
}

export type SendOptions = {
  readonly contract: AccountId
  readonly method: string
  /** JSON value; sealed, nobody but the contract reads it. */
  readonly input?: unknown
  readonly gasLimit?: bigint
  /** Planck that the contract receives if the command succeeds. */
  readonly value?: bigint
}

/** A command that the chain has ordered. */
export type SentCommand = Included & {
  readonly contract: AccountId
  readonly sequence: bigint
  readonly sender: AccountId
  /** Salts the hashes in the commit and the receipt; only the sender and the enclave know it. */
  readonly salt: Uint8Array
}

/** Seals a command for a contract's current epoch, sends it and waits until it is ordered. */
export async function sendCommand(
  chain: Chain,
  sender: Keypair,
  options: SendOptions,
): Promise<SentCommand> {
  const { contract } = options
  const [info, nonce] = await Promise.all([
    readContract(chain, contract),
    chain.nextNonce(sender.accountId),
  ])
  const salt = crypto.getRandomValues(new Uint8Array(32))
  const { epoch, publicKey } = await readInboxKey(chain, contract)
  const scope = { genesis: chain.genesisHash, contract, codeHash: info.codeHash, epoch }
  const payload = sealCommand(publicKey, scope, { sender: sender.accountId, nonce }, options, salt)
  const gasLimit = options.gasLimit ?? DEFAULT_GAS_LIMIT
  const args = { contract, epoch, payload, gasLimit, value: options.value ?? 0n }
  const call = encodeCall(CONTRACTS_INDEX, contractsCalls.send, args)
  const included = await submitSigned(chain, call, sender, { nonce })
  const event = findEvent<{ sequence: bigint }>(included.events, 'Contracts', 'InboxMessage')
  const sequence = event?.sequence ?? 0n
  return { ...included, contract, sequence, sender: sender.accountId, salt }
}

/** The current epoch's inbox key, proved. */
export async function readInboxKey(
  chain: Chain,
  contract: AccountId,
): Promise<{ epoch: number; publicKey: Uint8Array }> {
  const epoch = (await chain.read(keysStorage.Epochs, [contract])) ?? 0
  const key = await chain.read(keysStorage.InboxKeys, [contract, epoch])
  if (key) return { epoch, publicKey: key.publicKey }
  throw new TacitError({
    code: 'inbox_key_missing',
    shortMessage: `The contract has no inbox key for epoch ${epoch} yet`,
    fix: 'Wait until its enclave has got its keys from the gatekeepers.',
  })
}

type Scope = Parameters<typeof commandInfo>[0]

/** SCALE of a SealedCommand that opens for this scope, sender and nonce alone. */
export function sealCommand(
  inboxKey: Uint8Array,
  scope: Scope,
  from: { readonly sender: AccountId; readonly nonce: number },
  { method, input }: Pick<SendOptions, 'method' | 'input'>,
  salt: Uint8Array,
): Uint8Array {
  const content = { method, input: utf8(JSON.stringify(input ?? null)), salt }
  const plaintext = pad(encode(commandPlaintext, content))
  if (!plaintext.ok) throw tooLarge()
  const sealed = hpkeSeal({
    recipientPublicKey: inboxKey,
    info: commandInfo(scope),
    aad: commandAad(from.sender, from.nonce),
    plaintext: plaintext.value,
    ephemeralSeed32: crypto.getRandomValues(new Uint8Array(32)),
  })
  if (!sealed.ok) throw tooLarge()
  return encode(sealedCommand, sealed.value)
}

function tooLarge(): TacitError {
  return new TacitError({
    code: 'command_too_large',
    shortMessage: 'The command does not fit into 64 KiB',
    fix: 'Send less input at once.',
  })
}

/** A commit in a justified block, with what the chain made of it. */
export type FoundCommit = {
  readonly block: JustifiedBlock
  readonly payload: CommitPayload
  readonly signature: Uint8Array
  readonly index: number
}

const runtime = createRuntime()

/** Waits for the commit that answers a command of a contract. */
export async function untilCommitted(
  chain: Chain,
  contract: AccountId,
  sequence: bigint,
): Promise<FoundCommit> {
  const found = (block: JustifiedBlock): FoundCommit | undefined =>
    findCommits(block).find(
      ({ payload }) =>
        String(payload.contract) === String(contract) &&
        payload.firstSequence <= sequence &&
        sequence < payload.nextSequence,
    )
  const block = await chain.untilJustified((one) => found(one) !== undefined)
  const commit = found(block)
  if (!commit) throw new Error('untilJustified gave a block that fails its own test')
  return commit
}

/** The commits in a block; only those whose extrinsic succeeded took effect. */
export function findCommits(block: JustifiedBlock): readonly FoundCommit[] {
  return block.extrinsics.flatMap((extrinsic, index) => {
    const parsed = runtime.parseExtrinsic(extrinsic)
    if (!parsed.ok || parsed.value.call.type !== 'Contracts') return []
    const { type, value } = parsed.value.call.value
    if (type !== 'commit') return []
    const { payload, signature } = value as { payload: CommitPayload; signature: Uint8Array }
    return [{ block, payload, signature, index }]
  })
}

/** What a command cost its sender, from the events of the block that committed it. */
export async function readCommandFee(
  chain: Chain,
  commit: FoundCommit,
  sequence: bigint,
): Promise<{ readonly code: string; readonly gasUsed: bigint; readonly fee: bigint } | undefined> {
  const records = await readEvents(chain, commit.block)
  for (const { event } of records) {
    if (event.type !== 'Contracts' || event.value.type !== 'CommandDone') continue
    const done = event.value.value as CommandDone
    const isOurs = String(done.contract) === String(commit.payload.contract)
    if (isOurs && done.sequence === sequence) return done
  }
  return undefined
}

type CommandDone = {
  readonly contract: AccountId
  readonly sequence: bigint
  readonly code: string
  readonly gasUsed: bigint
  readonly fee: bigint
}
