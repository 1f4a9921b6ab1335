import assert from 'node:assert/strict'
import { sortAddresses } from '@polkadot/util-crypto'
import { PHA, PREFIX } from './client.ts'
import { pay, transfer } from './flows.ts'
import type { World } from './world.ts'

/** Two of three approve a transfer out of what they own together. */
export async function multisigFlow(world: World): Promise<void> {
  const { client, own, ed, ec } = world
  const parties = [own.address, ed.address, ec.address]
  const address = client.multisigAddress(parties, 2)
  await pay(world, world.alice, { address, key: undefined }, 10n * PHA)
  const call = transfer(ec, 3n * PHA)
  const othersOf = (who: string): string[] =>
    sortAddresses(
      parties.filter((one) => one !== who),
      PREFIX,
    )
  const begin = { type: 'asMulti', threshold: 2, others: othersOf(own.address), call } as const
  const first = await client.submit(begin, own)
  assert(first.events.includes('Multisig.NewMultisig'), first.error)
  const early = await client.submit({ ...begin, others: othersOf(ed.address) }, ed)
  assert.equal(early.error, 'Multisig.NoTimepoint')
  const before = await client.free(ec.address)
  const timepoint = await client.timepoint(address)
  const last = await client.submit({ ...begin, others: othersOf(ed.address), timepoint }, ed)
  assert(last.events.includes('Multisig.MultisigExecuted'), last.error)
  assert.equal((await client.free(ec.address)) - before, 3n * PHA)
  assert.equal(await client.free(address), 7n * PHA)
}

/** An account acts for another until it may no longer. */
export async function proxyFlow({ client, own, ed, ec }: World): Promise<void> {
  const delegate = ed.address
  const added = await client.submit({ type: 'addProxy', delegate }, own)
  assert(added.events.includes('Proxy.ProxyAdded'), added.error)
  const before = await client.free(ec.address)
  const act = { type: 'proxy', real: own.address, call: transfer(ec, PHA) } as const
  const acted = await client.submit(act, ed)
  assert(acted.events.includes('Proxy.ProxyExecuted'), acted.error)
  assert.equal((await client.free(ec.address)) - before, PHA)
  const removed = await client.submit({ type: 'removeProxy', delegate }, own)
  assert(removed.events.includes('Proxy.ProxyRemoved'), removed.error)
  const refused = await client.submit(act, ed)
  assert.equal(refused.error, 'Proxy.NotProxy')
}
