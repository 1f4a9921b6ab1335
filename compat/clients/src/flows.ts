import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { deferred, PHA, type Account, type Call, type Outcome, type TxOptions } from './client.ts'
import { proxyFlow, multisigFlow } from './nested-flows.ts'
import { START, type World } from './world.ts'

/** One thing that people do with a client library, done and checked; the same for every library. */
export type Flow = {
  readonly name: string
  /** Resolves if all is as it should be, with a few words for the log. */
  run(world: World): Promise<string | void>
}

/** More than any account but Alice's has, less than there is. */
const TOO_MUCH = 10_000n * PHA
/** A million PHA, which the development chain gives Alice. */
const GENESIS_BALANCE = 1_000_000n * PHA

export const FLOWS: readonly Flow[] = [
  {
    name: 'connect',
    run: async ({ client }) => {
      const { name, genesisHash, prefix, symbol, decimals } = await client.spec()
      assert.match(name, /^Tacit/)
      assert.deepEqual({ prefix, symbol, decimals }, EXPECTED_SPEC)
      return genesisHash.slice(0, 10)
    },
  },
  {
    name: 'metadata',
    run: async ({ client }) => {
      const pallets = await client.pallets()
      for (const name of ['System', 'Balances', 'Contracts']) assert(pallets.includes(name), name)
      return `${pallets.length} pallets`
    },
  },
  {
    name: 'constants',
    run: async ({ client }) => {
      const { existentialDeposit, specName } = await client.constants()
      assert.equal(specName, 'tacit')
      assert(existentialDeposit > 0n)
    },
  },
  {
    name: 'read an account',
    run: async ({ client, alice }) => {
      assert((await client.free(alice.address)) > 1_000n * PHA)
    },
  },
  {
    name: 'read a map by pages',
    run: async ({ client, alice }) => {
      const addresses = await client.accounts()
      assert(addresses.length >= 6)
      assert.equal(new Set(addresses).size, addresses.length)
      assert(addresses.includes(alice.address))
      return `${addresses.length} accounts`
    },
  },
  {
    name: 'estimate a fee',
    run: async (world) => {
      const fee = await world.client.fee(transfer(world.ed, PHA), world.alice)
      assert(fee > 0n && fee < PHA)
      const before = await world.client.free(world.alice.address)
      await pay(world, world.alice, world.ed, START)
      const paid = before - (await world.client.free(world.alice.address)) - START
      // Some libraries estimate for an immortal extrinsic and send a mortal one, which is longer.
      assert(paid >= fee && paid - fee < fee / 100n, `${paid} paid, ${fee} estimated`)
    },
  },
  {
    name: 'transfer, watched to finality',
    run: async (world) => {
      const { steps, events, block } = await pay(world, world.alice, world.own, START)
      assert.equal(steps.at(-1), 'finalized')
      assert(steps.slice(0, -1).every((step) => step === 'included'))
      assert.equal(events.at(-1), 'System.ExtrinsicSuccess')
      world.blocks.push(block)
    },
  },
  {
    name: 'subscribe to storage',
    run: async (world) => {
      const { promise, resolve } = deferred<void>()
      const seen: bigint[] = []
      const stop = await world.client.watchFree(world.ec.address, (free) => {
        seen.push(free)
        if (free === START) resolve()
      })
      await pay(world, world.alice, world.ec, START)
      await promise
      stop()
      assert.deepEqual(seen, [0n, START])
    },
  },
  { name: 'subscribe to best heads', run: (world) => follow(world, 'best') },
  { name: 'subscribe to finalised heads', run: (world) => follow(world, 'finalized') },
  {
    name: 'transfer by sr25519',
    run: async (world) => void (await pay(world, world.own, world.ed, PHA)),
  },
  {
    name: 'transfer by ed25519',
    run: async (world) => void (await pay(world, world.ed, world.own, PHA)),
  },
  {
    name: 'transfer by ecdsa',
    run: async (world) => void (await pay(world, world.ec, world.own, PHA)),
  },
  {
    name: 'tip, given nonce, immortal and mortal era',
    run: async (world) => {
      const options: readonly TxOptions[] = [
        { tip: 7n, era: 'immortal', nonce: 1 },
        { era: 64, nonce: 2 },
      ]
      for (const one of options) {
        const { tip } = await pay(world, world.own, world.ed, PHA, one)
        assert.equal(tip, one.tip ?? 0n)
      }
    },
  },
  {
    name: 'runtime API',
    run: async ({ client, own }) => assert.equal(await client.nonce(own.address), 3),
  },
  {
    name: 'used nonce refused by its name',
    run: ({ client, own, ed }) =>
      refused(client.submit(transfer(ed, PHA), own, { nonce: 1 }), /stale|outdated/i),
  },
  {
    name: 'failing call decoded to its error',
    run: async (world) => {
      const { client, own, ed } = world
      const most = await client.submit(transfer(ed, TOO_MUCH), own)
      assert.equal(most.ok, false)
      assert.equal(most.error, 'Token.FundsUnavailable')
      const empty = await client.submit({ type: 'emptyCode' }, own)
      assert.equal(empty.error, 'Contracts.CodeEmpty')
      assert.equal(empty.events.at(-1), 'System.ExtrinsicFailed')
    },
  },
  {
    name: 'dry run',
    run: async ({ client, own, ed }) => {
      const before = await client.free(own.address)
      assert.equal(await client.dryRun(transfer(ed, PHA), own), 'ok')
      assert.equal(await client.dryRun({ type: 'emptyCode' }, own), 'Contracts.CodeEmpty')
      assert.equal(await client.free(own.address), before)
    },
  },
  {
    name: 'batch',
    run: async ({ client, own, ed, ec }) => {
      const good = [transfer(ed, PHA), transfer(ec, PHA)]
      const bad = [transfer(ed, PHA), transfer(ec, TOO_MUCH), transfer(ed, PHA)]
      const all = await client.submit({ type: 'batchAll', calls: good }, own)
      assert.deepEqual(count(all, 'Balances.Transfer', 'Utility.BatchCompleted'), [2, 1])
      const none = await client.submit({ type: 'batchAll', calls: bad }, own)
      assert.equal(none.error, 'Token.FundsUnavailable')
      const some = await client.submit({ type: 'batch', calls: bad }, own)
      assert.deepEqual(count(some, 'Balances.Transfer', 'Utility.BatchInterrupted'), [1, 1])
      const most = await client.submit({ type: 'forceBatch', calls: bad }, own)
      assert.deepEqual(count(most, 'Balances.Transfer', 'Utility.ItemFailed'), [2, 1])
      assert.deepEqual(count(most, 'Utility.BatchCompletedWithErrors'), [1])
    },
  },
  { name: 'multisig', run: multisigFlow },
  { name: 'proxy', run: proxyFlow },
  {
    name: 'old block',
    run: async ({ client, alice, own, blocks: [block] }) => {
      assert(block)
      const { genesisHash } = await client.spec()
      assert.equal(await client.free(alice.address, genesisHash), GENESIS_BALANCE)
      assert.equal(await client.free(own.address, block), START)
      // Two inherents and a transfer.
      assert.equal(await client.bodyLength(block), 3)
    },
  },
  {
    name: "sign by an injected extension's account",
    run: async ({ client, ed, ec, own }) => {
      for (const account of [own, ed, ec]) {
        const { ok } = await client.submitInjected(transfer(own, PHA), account.address)
        assert(ok)
      }
    },
  },
  {
    name: 'sign a message by an injected extension',
    run: async ({ client, own }) => {
      assert(await client.signInjected('I am who I am', own.address))
    },
  },
  {
    name: 'signature over the hash of the metadata',
    run: async ({ client, own, ed }) => {
      const options = { metadataHash: 'right' } as const
      assert((await client.submit(transfer(ed, PHA), own, options)).ok)
      assert((await client.submitInjected(transfer(ed, PHA), own.address, options)).ok)
    },
  },
  {
    name: 'signature over another hash refused',
    run: async ({ client, own, ed }) => {
      const options = { metadataHash: 'wrong' } as const
      const reason = /BadProof|bad signature/
      await refused(client.submit(transfer(ed, PHA), own, options), reason)
      await refused(client.submitInjected(transfer(ed, PHA), own.address, options), reason)
    },
  },
  {
    name: 'ten transfers, one behind the other',
    run: async (world) => {
      const told: Outcome['steps'][number][] = []
      for (let at = 0; at < 10; at++)
        told.push(...(await pay(world, world.own, world.ed, PHA)).steps)
      // A library that lags behind leaves an inclusion out once it knows of finality; not each.
      assert(told.includes('included'))
    },
  },
  {
    name: 'balances and blocks summed up for wallets',
    run: async ({ client, own }) => {
      const { transferable, nonce, best } = await client.summary(own.address)
      const free = await client.free(own.address)
      assert(transferable <= free && transferable > free - PHA)
      assert(nonce > 10 && best > 20)
    },
  },
]

const EXPECTED_SPEC = { prefix: 30, symbol: 'PHA', decimals: 12 }

export function transfer(to: Account, value: bigint): Call {
  return { type: 'transfer', to: to.address, value }
}

/** A transfer that must come to what was meant. */
export async function pay(
  { client }: World,
  from: Account,
  to: Account,
  value: bigint,
  options?: TxOptions,
): Promise<Outcome> {
  const before = await client.free(to.address)
  const outcome = await client.submit(transfer(to, value), from, options)
  assert.equal(outcome.error, undefined)
  assert(outcome.events.includes('Balances.Transfer'))
  assert.equal((await client.free(to.address)) - before, value)
  return outcome
}

/** How many there were of each event. */
function count({ events }: Outcome, ...names: string[]): number[] {
  return names.map((name) => events.filter((event) => event === name).length)
}

/** Each library has its own kind of error; the reason is in its text or in its fields. */
async function refused(submitted: Promise<Outcome>, reason: RegExp): Promise<void> {
  await assert.rejects(submitted, (fault: unknown) => {
    assert.match(inspect(fault, { depth: 5 }), reason)
    return true
  })
}

/** Each number once, in order, while transfers make blocks. */
async function follow(world: World, kind: 'best' | 'finalized'): Promise<string> {
  const { promise, resolve } = deferred<void>()
  const seen: number[] = []
  const stop = await world.client.watchHeads(kind, (number) => {
    seen.push(number)
    if (seen.length === 4) resolve()
  })
  for (let at = 0; at < 3; at++) await pay(world, world.alice, world.own, PHA)
  await promise
  stop()
  const first = seen[0] ?? 0
  assert.deepEqual(
    seen,
    seen.map((_, at) => first + at),
  )
  return `#${first} to #${seen.at(-1)}`
}
