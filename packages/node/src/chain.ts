import type { Hash } from '@tacit/base'
import type { Head, Header } from '@tacit/runtime'

/** What is told of a block when it is published. */
export type BlockNotice = {
  readonly number: number
  readonly hash: Hash
  readonly header: Header
}

/** A block that was published, as the thread has it that made it. */
export type PublishedBlock = BlockNotice & {
  readonly headerBytes: Uint8Array
  readonly extrinsics: readonly Uint8Array[]
}

export type JustifiedBlock = Head & { readonly justification: Uint8Array }

type Listener<T> = (value: T) => void

/** Where the chain stands for everybody outside the engine, and what happens to it. */
export interface Chain<Block extends BlockNotice = PublishedBlock> {
  readonly genesisHash: Hash
  /** The newest published block: committed and durable. */
  readonly head: Head
  /** The newest block with a justification; genesis before the first. */
  readonly justified: Head
  /** Called for each block in order; returns what ends it. A listener must not throw. */
  onBlock(listener: Listener<Block>): () => void
  /** Called for each justified block in order. */
  onJustified(listener: Listener<JustifiedBlock>): () => void
}

/** The chain on whatever thread it is looked at. */
export type ChainView = Chain<BlockNotice>

/** The side from which a chain is told what happens. */
export interface PublishingChain<Block extends BlockNotice = PublishedBlock> extends Chain<Block> {
  publish(block: Block): void
  justify(block: JustifiedBlock): void
}

export function createChain<Block extends BlockNotice = PublishedBlock>(start: {
  readonly genesisHash: Hash
  readonly head: Head
  readonly justified: Head
}): PublishingChain<Block> {
  const blocks = new Set<Listener<Block>>()
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
