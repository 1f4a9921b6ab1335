import { toHex } from '@tacit/base'
import { finalityThreshold, totalWeight } from '@tacit/light'
import type { EventRecord } from '@tacit/runtime'
import { readEvents, TacitError, type Chain } from '@tacit/sdk'
import { walkAncestry, type KnownBlock } from './ancestry.ts'
import { MAX_ROWS, showBlock } from './blocks-view.ts'
import { findCleared, type Cleared } from './cleared.ts'
import { byId } from './dom.ts'
import { blockInWords } from './events-in-words.ts'
import { groupDigits, oneLine, shortHex } from './format.ts'
import { readWorkers, showWorkers } from './workers-view.ts'

/** Blocks to look back for the pool's last batch. */
const LOOK_BACK = 200

export type ChainViews = {
  readonly showCleared: (height: number, cleared: Cleared) => void
  /** After each step: what failed in it, if anything; the connection may well go on. */
  readonly onStep: (fault: unknown) => void
}

/** Shows a chain that was just connected: what was, and whatever comes. */
export function showChain(chain: Chain, views: ChainViews): void {
  const head = chain.head()
  let reached = head.number
  let queue = Promise.resolve()
  const enqueue = (step: () => Promise<void>): void => {
    queue = queue.then(step).then(() => views.onStep(undefined), views.onStep)
  }
  showFacts(chain)
  enqueue(async () => showWorkers(await readWorkers(chain)))
  enqueue(() => showHistory(chain, head, views))
  chain.onJustified((block) => {
    showFacts(chain)
    const above = reached
    reached = block.number
    enqueue(() => showNew(chain, block, above, views))
  })
}

async function showHistory(chain: Chain, head: KnownBlock, views: ChainViews): Promise<void> {
  let rows = 0
  let isPoolShown = false
  for await (const block of walkAncestry(
    chain,
    head,
    Math.max(0, head.header.number - LOOK_BACK),
  )) {
    if (rows >= MAX_ROWS && isPoolShown) return
    const records = await readBlock(chain, block)
    if (rows++ < MAX_ROWS) showRecords(block, records)
    const cleared = Array.isArray(records) ? findCleared(records) : undefined
    if (!cleared || isPoolShown) continue
    isPoolShown = true
    views.showCleared(block.header.number, cleared)
  }
}

/** A justified block, and the ancestors that were not justified one by one. */
async function showNew(
  chain: Chain,
  newest: KnownBlock,
  above: number,
  views: ChainViews,
): Promise<void> {
  let hasWorkers = false
  for await (const block of walkAncestry(chain, newest, above)) {
    const records = await readBlock(chain, block)
    showRecords(block, records)
    if (typeof records === 'string') continue
    const cleared = findCleared(records)
    if (cleared) views.showCleared(block.header.number, cleared)
    hasWorkers ||= records.some(({ event }) => event.type === 'Workers')
  }
  if (hasWorkers) showWorkers(await readWorkers(chain))
}

/** A block's events, or why they cannot be had: nodes prove the state of recent blocks only. */
async function readBlock(
  chain: Chain,
  block: KnownBlock,
): Promise<readonly EventRecord[] | string> {
  try {
    return await readEvents(chain, block)
  } catch (error) {
    if (error instanceof TacitError && error.code === 'rpc_failed') {
      return `not provable any more: ${oneLine(error.shortMessage, 160)} [${error.code}]`
    }
    throw error
  }
}

function showRecords(block: KnownBlock, records: readonly EventRecord[] | string): void {
  showBlock(block, typeof records === 'string' ? [records] : blockInWords(records))
}

function showFacts(chain: Chain): void {
  const { head, set } = chain.light()
  const { authorities, setId } = set
  byId('height').textContent = groupDigits(head.number)
  byId('chain-class').textContent = chain.chainClass
  byId('authorities').textContent =
    `${authorities.length} in set ${setId}; ` +
    `${finalityThreshold(authorities)} of ${totalWeight(authorities)} weight needed`
  const genesis = byId('genesis')
  genesis.textContent = shortHex(chain.genesisHash, 8)
  genesis.title = toHex(chain.genesisHash)
}
