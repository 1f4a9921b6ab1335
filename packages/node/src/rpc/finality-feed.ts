import type { Head } from '@tacit/runtime'
import type { BlockNotice, ChainView } from '../chain.ts'

/**
 * Milliseconds between a block's publication and the notice that it is final. Clients that get both
 * in one tick have been seen to lose the first.
 */
export const FINALITY_NOTICE_MS = 20

/** What RPC clients are told is final: what is committed, a moment later. */
export interface FinalityFeed {
  readonly finalized: Head
  /** Called for each block in order; returns what ends it. */
  onFinalized(listener: (block: BlockNotice) => void): () => void
  stop(): void
}

export function createFinalityFeed(chain: ChainView): FinalityFeed {
  const listeners = new Set<(block: BlockNotice) => void>()
  const timers = new Set<NodeJS.Timeout>()
  let finalized = chain.head
  const stopListening = chain.onBlock((block) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      finalized = { number: block.number, hash: block.hash }
      for (const listener of listeners) listener(block)
    }, FINALITY_NOTICE_MS)
    timers.add(timer)
  })
  return {
    get finalized() {
      return finalized
    },
    onFinalized: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: () => {
      stopListening()
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
