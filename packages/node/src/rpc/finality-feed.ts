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
  /**
   * Runs once a block is told to be final, a moment from now if it was told before: word of an
   * extrinsic may come behind that of its block. Returns what cancels it.
   */
  whenFinal(number: number, run: () => void): () => void
  stop(): void
}

export function createFinalityFeed(chain: ChainView): FinalityFeed {
  const listeners = new Set<(block: BlockNotice) => void>()
  const timers = new Set<NodeJS.Timeout>()
  let finalized = chain.head
  function later(run: () => void): () => void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, FINALITY_NOTICE_MS)
    timers.add(timer)
    return () => {
      timers.delete(timer)
      clearTimeout(timer)
    }
  }
  const stopListening = chain.onBlock((block) => {
    later(() => {
      finalized = { number: block.number, hash: block.hash }
      for (const listener of listeners) listener(block)
    })
  })
  const onFinalized: FinalityFeed['onFinalized'] = (listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  return {
    get finalized() {
      return finalized
    },
    onFinalized,
    whenFinal: (number, run) => {
      if (finalized.number >= number) return later(run)
      const end = onFinalized((block) => {
        if (block.number !== number) return
        end()
        run()
      })
      return end
    },
    stop: () => {
      stopListening()
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
