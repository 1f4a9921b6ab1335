import type { Hash } from '@tacit/base'
import type { Head, Header } from '@tacit/runtime'

/** A block that was published. */
export type PublishedBlock = {
  readonly number: number
  readonly hash: Hash
  readonly header: Header
  readonly extrinsics: readonly Uint8Array[]
}

export type JustifiedBlock = Head & { readonly justification: Uint8Array }

type Listener<T> = (value: T) => void

/** Where the chain stands for everybody outside the engine, and what happens to it. */
export interface Chain {
  readonly genesisHash: Hash
  /** The newest published block: committed and durable. */
  readonly head: Head
  /** The newest block with a justification; genesis before the first. */
  readonly justified: Head
  /** Called for each block in order; returns what ends it. A listener must not throw. */
  onBlock(listener: Listener<PublishedBlock>): () => void
  /** Called for each justified block in order. */
  onJustified(listener: Listener<JustifiedBlock>): () => void
}

/** The engine's side of a chain. */
export interface PublishingChain extends Chain {
  publish(block: PublishedBlock): void
  justify(block: JustifiedBlock): void
}

export function createChain(start: {
  readonly genesisHash: Hash
  readonly head: Head
  readonly justified: Head
}): PublishingChain {
  const blocks = new Set<Listener<PublishedBlock>>()
  const justifications = new Set<Listener<JustifiedBlock>>()
  let { head, justified } = start
  return {
    genesisHash: start.genesisHash,
    get head() {
      return head
    },
    get justified() {
      return justified
    },
    onBlock: (listener) => subscribe(blocks, listener),
    onJustified: (listener) => subscribe(justifications, listener),
    publish: (block) => {
      head = { number: block.number, hash: block.hash }
      for (const listener of blocks) listener(block)
    },
    justify: (block) => {
      justified = { number: block.number, hash: block.hash }
      for (const listener of justifications) listener(block)
    },
  }
}

function subscribe<T>(listeners: Set<Listener<T>>, listener: Listener<T>): () => void {
  const own: Listener<T> = (value) => listener(value)
  listeners.add(own)
  return () => void listeners.delete(own)
}
