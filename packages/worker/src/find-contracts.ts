import { parseHex, toHex, type AccountId } from '@tacit/base'
import { contractsStorage } from '@tacit/runtime'
import type { Chain } from '@tacit/sdk'
import { fetchBlock } from './fetch-block.ts'
import { isSameSlot, type InboxIndex } from './inbox-index.ts'

const PAGE = 256

/**
 * Finds the contracts that are assigned to a slot already, and reads the blocks back to the oldest
 * command of theirs that waits. What the node leaves out is missed work, never wrong work.
 * @returns the height up to which blocks were taken in.
 */
export async function findContracts(
  chain: Chain,
  inbox: InboxIndex,
  index: number,
  operator: AccountId,
): Promise<number> {
  const slot = { operator, index }
  const head = chain.head()
  let oldest = head.number + 1
  for await (const contract of listContracts(chain)) {
    const info = await chain.read(contractsStorage.Contracts, [contract], head)
    if (info === undefined || !isSameSlot(info.slot, slot)) continue
    inbox.addContract(contract)
    const waiting = (await chain.read(contractsStorage.Inbox, [contract], head))?.count ?? 0n
    if (waiting > info.processed) oldest = Math.min(oldest, info.deployedAt)
  }
  for (let number = oldest; number <= head.number; number++) {
    const { events, extrinsics } = await fetchBlock(chain, number)
    inbox.take(events, extrinsics)
  }
  return head.number
}

async function* listContracts(chain: Chain): AsyncGenerator<AccountId> {
  const prefix = toHex(contractsStorage.Contracts.prefix(chain.crypto.hashes))
  for (let after: string | undefined; ;) {
    const page: string[] = await chain.rpc.request('state_getKeysPaged', [prefix, PAGE, after])
    for (const key of page) {
      const raw = parseHex(key)
      const keys = raw.ok ? contractsStorage.Contracts.decodeKey(raw.value) : raw
      if (keys.ok) yield keys.value[0]
    }
    after = page.at(-1)
    if (page.length < PAGE) return
  }
}
