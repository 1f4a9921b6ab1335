/** Milliseconds of requests that are answered between two turns of the event loop. */
export const SLICE_MS = 8

/** The requests of one connection. */
export interface Lane {
  /** Requests that have not begun. */
  readonly waiting: number
  /**
   * Runs a job when it is the lane's turn, at once if nobody waits. What it awaits is not counted:
   * such a job has to give way by itself.
   */
  run<T>(job: () => T | Promise<T>): Promise<T>
  /** The lane may be ready again. */
  wake(): void
}

/** Shares the event loop's time between lanes. */
export interface Turns {
  /** @param isReady whether its jobs may begin; one that is not ready waits for `wake`. */
  createLane(isReady?: () => boolean): Lane
}

type Queue = { readonly jobs: Set<() => void>; readonly isReady: () => boolean }

/**
 * Takes one job of each lane that has some, in a circle, and gives way to sockets and timers behind
 * each slice: whoever asks for much waits for what others ask, not the other way round.
 * @param nowMs of a monotone clock.
 */
export function createTurns(
  sliceMs: number = SLICE_MS,
  nowMs: () => number = () => performance.now(),
): Turns {
  /** Lanes with jobs, the next one first. */
  const circle = new Set<Queue>()
  let spentMs = 0
  let isPlanned = false

  /** Counts what runs in this turn of the event loop. */
  function spend(job: () => void): void {
    const startMs = nowMs()
    job()
    spentMs += nowMs() - startMs
    plan()
  }

  function plan(): void {
    if (!isPlanned) setImmediate(runSlice)
    isPlanned = true
  }

  function runSlice(): void {
    isPlanned = false
    spentMs = 0
    for (const lane of circle) {
      circle.delete(lane)
      const [job] = lane.jobs
      if (!job || !lane.isReady()) continue
      lane.jobs.delete(job)
      if (lane.jobs.size > 0) circle.add(lane)
      spend(job)
      if (spentMs >= sliceMs) return
    }
  }

  return {
    createLane: (isReady = () => true) => {
      const lane: Queue = { jobs: new Set(), isReady }
      return {
        get waiting() {
          return lane.jobs.size
        },
        run: (job) =>
          new Promise((resolve, reject) => {
            const task = (): void => {
              try {
                resolve(job())
              } catch (fault) {
                reject(fault)
              }
            }
            const isFree = circle.size === 0 && spentMs < sliceMs
            if (isFree && lane.jobs.size === 0 && isReady()) return spend(task)
            lane.jobs.add(task)
            circle.add(lane)
            plan()
          }),
        wake: () => {
          if (lane.jobs.size === 0) return
          circle.add(lane)
          plan()
        },
      }
    },
  }
}
