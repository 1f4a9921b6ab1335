import type { PoolStatus, StatusListener } from './transaction.ts'

/** Statuses on their way to listeners. */
export interface Notices {
  send(listener: StatusListener, status: PoolStatus): void
  /** Drops what a listener has not heard yet. */
  cancel(listener: StatusListener): void
}

type Notice = { readonly listener: StatusListener; readonly status: PoolStatus }

/**
 * Delivers statuses in order, when the work that led to them and all promises that it resolved are
 * done: a listener may call the pool again, and never hears of an extrinsic before its submitter.
 */
export function createNotices(): Notices {
  const due = new Set<Notice>()
  const next = new Set<Notice>()

  function deliver(): void {
    for (const notice of next) due.add(notice)
    next.clear()
    for (const notice of due) {
      due.delete(notice)
      notice.listener(notice.status)
    }
  }

  return {
    send: (listener, status) => {
      if (next.size === 0) setImmediate(deliver)
      next.add({ listener, status })
    },
    cancel: (listener) => {
      for (const waiting of [due, next])
        for (const notice of waiting) if (notice.listener === listener) waiting.delete(notice)
    },
  }
}
