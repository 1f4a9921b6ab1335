import type { Hash } from '@tacit/base'
import type { Head } from '@tacit/runtime'
import type { PoolStatus } from '../../pool/transaction.ts'
import type { Outbox } from './outbox.ts'
import { packBytes, type FromPool } from './protocol.ts'

type Run = { readonly key: unknown; readonly ids: number[] }

/** What is told of extrinsics, by the ids under which they were handed in. */
export interface StatusRuns {
  submitted(id: number, hash: Hash): void
  status(id: number, status: PoolStatus): void
}

/** Puts what is the same for many extrinsics, one behind the other, into one message. */
export function createRuns(outbox: Outbox<FromPool>): StatusRuns {
  let last: Run | undefined
  /** The run that an id belongs to: the last one if it is about the same, else a new one. */
  function extend<Extra extends object>(
    key: unknown,
    id: number,
    create: () => Extra,
    make: (run: Run & Extra) => FromPool,
  ): Run & Extra {
    if (last && last.key === key) {
      last.ids.push(id)
      return last as Run & Extra
    }
    const run = { key, ids: [id], ...create() }
    last = run
    outbox.sendLate(() => {
      if (last === run) last = undefined
      return make(run)
    })
    return run
  }
  return {
    submitted: (id, hash) => {
      const make = ({ ids, hashes }: Run & { hashes: Hash[] }): FromPool => {
        const { bytes } = packBytes(hashes)
        return { type: 'submitted', ids: Uint32Array.from(ids), hashes: bytes }
      }
      extend('submitted', id, () => ({ hashes: [] as Hash[] }), make).hashes.push(hash)
    },
    status: (id, status) => {
      if (status.type === 'inBlock') return included(id, status.block, status.index)
      const isPlain = !('by' in status || 'error' in status)
      const make = ({ ids }: Run): FromPool => ({
        type: 'statuses',
        ids: Uint32Array.from(ids),
        status,
      })
      extend(isPlain ? status.type : status, id, () => ({}), make)
    },
  }

  function included(id: number, block: Head, index: number): void {
    const make = ({ ids, indexes }: Run & { indexes: number[] }): FromPool => ({
      type: 'included',
      block,
      ids: Uint32Array.from(ids),
      indexes: Uint32Array.from(indexes),
    })
    extend(block.number, id, () => ({ indexes: [] as number[] }), make).indexes.push(index)
  }
}
