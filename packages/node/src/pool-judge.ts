import { InvariantError, unwrap, type Result } from '@tacit/base'
import type { VerifyCache } from '@tacit/crypto'
import type { ExtrinsicError, Judged, TransactionSource } from '@tacit/runtime'
import type { Judge, Runtime } from '@tacit/runtime/runtime'
import { createOverlay } from '@tacit/state'
import type { Executor } from './executor.ts'
import type { Store } from './storage/store.ts'

/** Judges extrinsics behind the best block. */
export interface PoolJudge {
  check(
    bytes: Uint8Array,
    source: TransactionSource,
    verify?: VerifyCache['verify'],
  ): Result<Judged, ExtrinsicError>
  /** Forgets what was read: to be called before and behind whatever writes to the store. */
  close(): void
}

/** Extrinsics judged on one view of the state; it holds all that they had read. */
const MAX_JUDGED = 4_096

type Opened = { readonly judge: Judge; readonly number: number; left: number }

/**
 * Keeps one view of the best state open between two blocks: senders come again and again, and to
 * open one costs as much as to judge.
 */
export function createPoolJudge(options: {
  readonly runtime: Pick<Runtime, 'openJudge'>
  readonly store: Pick<Store, 'metadata' | 'stateAt'>
  readonly executor: Pick<Executor, 'hostOn'>
}): PoolJudge {
  const { runtime, store, executor } = options
  let opened: Opened | undefined

  function open(): Opened {
    if (!store.metadata) throw new InvariantError('genesis is not written')
    const { bestNumber: number, bestHash: hash } = store.metadata
    const { values } = unwrap(store.stateAt(number), 'best state')
    const judge = runtime.openJudge(executor.hostOn(createOverlay(values)), { number, hash })
    return { judge, number, left: MAX_JUDGED }
  }

  return {
    check: (bytes, source, verify) => {
      if (opened?.number !== store.metadata?.bestNumber || opened?.left === 0) opened = undefined
      opened ??= open()
      opened.left--
      return opened.judge(source, bytes, verify)
    },
    close: () => {
      opened = undefined
    },
  }
}
