import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accountIdToAddress, bytesToHex, parseUtf8, toHex, type AccountId } from '@tacit/base'
import { devKeypair, type Keypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { balancesStorage, type DecodedEvent, type VerdictRecord } from '@tacit/runtime'
import {
  collectReceipt,
  deployContract,
  explainReceiptError,
  openSession,
  parseReceipt,
  readCommandFee,
  readContract,
  readEvents,
  readSlotInstance,
  receiptToJson,
  sendCommand,
  TacitError,
  untilCommitted,
  untilContractLive,
  uploadCode,
  verifyReceipt,
  type Chain,
  type FoundCommit,
  type QueryAnswer,
  type SentCommand,
} from '@tacit/sdk'
import { feeParts } from './fee-parts.ts'
import type { DevNetwork } from './network.ts'
import { describePayment, type Narrator, type StoryResult } from './story-format.ts'

/** The orders of the story: they cross at 102, where 25 change hands. */
export const ORDERS: readonly {
  readonly trader: string
  readonly side: 'buy' | 'sell'
  readonly limit: string
  readonly quantity: string
}[] = [
  { trader: 'Bob', side: 'buy', limit: '105', quantity: '10' },
  { trader: 'Charlie', side: 'buy', limit: '102', quantity: '15' },
  { trader: 'Dave', side: 'sell', limit: '99', quantity: '12' },
  { trader: 'Eve', side: 'sell', limit: '102', quantity: '13' },
  { trader: 'Ferdie', side: 'buy', limit: '97', quantity: '20' },
]

type Cleared = { readonly price: string; readonly volume: string }

/**
 * Shows one confidential call, paid and proved, on a running local network.
 * @throws TacitError of the step that failed, or `story_broken` where a proof says otherwise.
 */
export async function tellStory(network: DevNetwork, narrator: Narrator): Promise<StoryResult> {
  const { chain } = network
  const serving = await readSlotInstance(chain, network.workerSlot)
  narrateRegistration(narrator, serving.record.verdict)
  const contract = await deployPool(network)
  narrator.step('dark-pool-lite deployed; its enclave got the keys', [
    `contract ${accountIdToAddress(contract)}`,
    'keys released by 1 of 1 gatekeepers to freshly attested evidence, granted on chain',
  ])
  const sent = await Promise.all(ORDERS.map((order) => placeOrder(chain, contract, order)))
  const commits = await commitsOf(chain, contract, sent)
  const { clearing, cleared } = await clearBatch(chain, contract)
  const root = toHex((await readContract(chain, contract)).root)
  narrator.step('five sealed orders, one price: ran in the sandbox, committed', [
    `public: price ${cleared.price}, volume ${cleared.volume}; state root ${root.slice(0, 18)}…`,
  ])
  const answers = await readFills(chain, contract)
  const roundTripMs = median(answers.map((answer) => answer.roundTripMs))
  narrator.step('each trader read the own fill over an attested session', [
    `5 sessions, ${roundTripMs.toFixed(1)} ms a query (median); nobody saw another's order`,
  ])
  const payment = await settle(network, [...commits, clearing])
  narrator.step('gas paid, split and burned; issuance exact', [describePayment(payment)])
  const file = await proveReceipt(network, sent[0], commits[0])
  narrator.step('receipt verified offline: registration, proofs, finality, signature', [file])
  const { status, advisories, rootName, rootFingerprint, signatureChecks } = serving.record.verdict
  return {
    genesisHash: toHex(chain.genesisHash),
    justifiedHeight: chain.head().number,
    attestation: {
      status: status.type,
      advisories,
      root: { name: rootName, fingerprint: bytesToHex(rootFingerprint) },
      signatureChecks,
    },
    contract: { id: toHex(contract), stateRoot: root, result: cleared },
    query: { roundTripMs },
    payment,
    receipt: { verified: true, file },
    elapsedMs: Math.round(performance.now()),
  }
}

async function deployPool({ chain, poolCode, workerSlot }: DevNetwork): Promise<AccountId> {
  const owner = devKeypair('Alice')
  const codeHash = await uploadCode(chain, owner, await poolCode)
  const contract = await deployContract(chain, owner, { codeHash, slot: workerSlot })
  await untilContractLive(chain, contract)
  return contract
}

function narrateRegistration(narrator: Narrator, verdict: VerdictRecord): void {
  narrator.step('enclaves registered; the chain verified their TDX quotes itself', [
    `${verdict.signatureChecks} signatures, TCB ${verdict.status.type}, report data bound; ` +
      `vouched for by ${verdict.rootName}`,
  ])
}

function placeOrder(
  chain: Chain,
  contract: AccountId,
  { trader, ...order }: (typeof ORDERS)[number],
): Promise<SentCommand> {
  return sendCommand(chain, devKeypair(trader), { contract, method: 'place', input: order })
}

/** The commits that answer commands, each once. */
async function commitsOf(
  chain: Chain,
  contract: AccountId,
  sent: readonly SentCommand[],
): Promise<readonly CommittedCommand[]> {
  return Promise.all(
    sent.map(async (command) => {
      const commit = await untilCommitted(chain, contract, command.sequence)
      await expectDone(chain, commit, command.sequence)
      return { command, commit }
    }),
  )
}

type CommittedCommand = { readonly command: SentCommand; readonly commit: FoundCommit }

async function expectDone(chain: Chain, commit: FoundCommit, sequence: bigint): Promise<void> {
  const done = await readCommandFee(chain, commit, sequence)
  if (done?.code !== 'ok') throw broken(`command ${sequence} ended with ${done?.code ?? 'nothing'}`)
}

async function clearBatch(
  chain: Chain,
  contract: AccountId,
): Promise<{ clearing: CommittedCommand; cleared: Cleared }> {
  const command = await sendCommand(chain, devKeypair('Alice'), { contract, method: 'clear' })
  const commit = await untilCommitted(chain, contract, command.sequence)
  await expectDone(chain, commit, command.sequence)
  const records = await readEvents(chain, commit.block)
  const emitted = records.map(({ event }) => event).find(isCleared)
  const data = emitted && (emitted.value.value as { data: Uint8Array }).data
  const cleared = data && (JSON.parse(parseUtf8(data) ?? 'null') as Cleared)
  if (!cleared) throw broken('the batch cleared, but nothing was made public')
  return { clearing: { command, commit }, cleared }
}

function isCleared({ type, value }: DecodedEvent): boolean {
  if (type !== 'Contracts' || value.type !== 'Emitted') return false
  return (value.value as { topic: string }).topic === 'cleared'
}

type Fill = {
  readonly fills: readonly { readonly quantity: string }[]
  readonly open: readonly unknown[]
}

/** Every trader asks as itself; answers must hold the own order and nothing of the others. */
async function readFills(chain: Chain, contract: AccountId): Promise<readonly QueryAnswer[]> {
  const answers = await Promise.all(
    ORDERS.map(({ trader }) => queryFill(chain, contract, devKeypair(trader))),
  )
  answers.forEach(({ output }, at) => {
    const { fills, open } = output as Fill
    const own = ORDERS[at]
    const isOwn = fills.every(({ quantity }) => BigInt(quantity) <= BigInt(own?.quantity ?? '0'))
    if (fills.length + open.length === 0 || fills.length > 1 || open.length > 1 || !isOwn) {
      throw broken(`${own?.trader} was told something else than the own order`)
    }
  })
  return answers
}

async function queryFill(
  chain: Chain,
  contract: AccountId,
  account: Keypair,
): Promise<QueryAnswer> {
  const session = await openSession(chain, { contract, account })
  return session.query('fill')
}

/** The parts must add up to what was paid, and all planck to what exists. */
async function settle(
  { chain, workerSlot }: DevNetwork,
  commands: readonly CommittedCommand[],
): Promise<StoryResult['payment']> {
  const commits = commands.map(({ commit }) => commit)
  const { paid, worker, burned, treasury } = await feeParts(chain, commits, workerSlot.operator)
  if (paid !== worker + burned + treasury) throw broken('the parts of the fees do not add up')
  const at = chain.head()
  const [total = 0n, genesis = 0n, minted = 0n, allBurned = 0n] = await Promise.all(
    (['TotalIssuance', 'GenesisIssuance', 'Minted', 'Burned'] as const).map((name) =>
      chain.read(balancesStorage[name], [], at),
    ),
  )
  const issuanceExact = total > 0n && total === genesis + minted - allBurned
  if (!issuanceExact) throw broken('issuance is not genesis + minted - burned')
  return {
    paid: paid.toString(),
    worker: worker.toString(),
    burned: burned.toString(),
    treasury: treasury.toString(),
    issuanceExact,
  }
}

/** Writes the receipt of a command, reads it back and verifies it from the genesis hash alone. */
async function proveReceipt(
  { chain, directory }: DevNetwork,
  command: SentCommand | undefined,
  committed: CommittedCommand | undefined,
): Promise<string> {
  if (!command || !committed) throw broken('there is no command to prove')
  const disclosed = { salt: command.salt }
  const receipt = await collectReceipt(chain, committed.commit, command.sequence, disclosed)
  const file = join(directory, 'receipt.json')
  const text = receiptToJson(receipt)
  await writeFile(file, text)
  const parsed = parseReceipt(text)
  if (!parsed.ok) throw broken(`the receipt cannot be read back: ${parsed.error.field}`)
  const verdict = verifyReceipt(parsed.value, chain.genesisHash, native)
  if (!verdict.ok) throw broken(explainReceiptError(verdict.error))
  return file
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function broken(why: string): TacitError {
  return new TacitError({
    code: 'story_broken',
    shortMessage: `The network did not keep its promise: ${why}`,
    fix: 'This is a bug of ours; please report it with the output of --verbose.',
  })
}
