import type { PoolError } from '../pool/errors.ts'
import type { PoolStatus } from '../pool/transaction.ts'
import type { Call } from './json-rpc.ts'
import type { RpcServices } from './services.ts'
import { requireConnection } from './subscribe.ts'

/**
 * Milliseconds between the notices that an extrinsic is in a block and that the block is final.
 * On the first @polkadot/api asks for the block and its events, and if the second comes before it
 * has them it never tells of the first: who waits for the inclusion would wait for ever.
 */
export const WATCHED_FINALITY_MS = 250

type Included = Extract<PoolStatus, { type: 'inBlock' }>

/** What a method makes of what becomes of an extrinsic. */
export type ExtrinsicWatch = {
  /** The method of the notifications. */
  readonly notification: string
  onStatus(status: PoolStatus): unknown
  onFinalized(status: Included): unknown
  /** The pool did not take it: the last thing that the client hears, or an error that is thrown. */
  onRefused(error: PoolError): unknown
}

/**
 * Submits an extrinsic and tells what becomes of it. Statuses are held until the reply is out, and
 * finality is told a moment behind the block's own notice.
 * @returns the subscription.
 */
export async function watchExtrinsic(
  { pool, feed }: RpcServices,
  bytes: Uint8Array,
  call: Call,
  watch: ExtrinsicWatch,
): Promise<string> {
  const connection = requireConnection(call)
  const held: (() => void)[] = []
  let isReplied = false
  let isOver = false
  let stop = (): void => {}
  const id = connection.subscribe(() => {
    isOver = true
    stop()
  })
  const later = (run: () => void): void => void (isReplied ? run() : held.push(run))
  const notify = (result: unknown): void => connection.notify(watch.notification, id, result)
  const end = (): void => void connection.unsubscribe(id)
  const awaitFinality = (status: Included): (() => void) => {
    const told = performance.now()
    let timer: NodeJS.Timeout | undefined
    const tell = (): void => {
      notify(watch.onFinalized(status))
      end()
    }
    const stopFeed = feed.whenFinal(status.block.number, () => {
      const passed = performance.now() - told
      timer = setTimeout(tell, Math.max(0, WATCHED_FINALITY_MS - passed))
    })
    return () => {
      stopFeed()
      clearTimeout(timer)
    }
  }
  const onStatus = (status: PoolStatus): void => {
    if (isOver) return
    notify(watch.onStatus(status))
    if (status.type === 'inBlock') stop = awaitFinality(status)
    else if (status.type !== 'ready' && status.type !== 'future') end()
  }
  const listener = (status: PoolStatus): void => later(() => onStatus(status))
  const refuse = (error: PoolError): void => {
    try {
      const last = watch.onRefused(error)
      later(() => {
        notify(last)
        end()
      })
    } catch (fault) {
      end()
      throw fault
    }
  }
  const submitted = await pool.submit(bytes, 'External', listener)
  if (submitted.ok) stop = () => pool.unwatch(submitted.value, listener)
  else refuse(submitted.error)
  if (isOver) stop()
  call.afterReply(() => {
    isReplied = true
    for (const run of held) run()
  })
  return id
}
