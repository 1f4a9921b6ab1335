/** Work that is done a bounded time at once. */
export interface Slices {
  /** Plans a task behind those that are planned. */
  add(task: () => void): void
  /** Leaves undone what is planned. */
  clear(): void
}

/**
 * Does tasks in order, and lets the thread do other things when they took so long.
 * @param sliceMs milliseconds; one task may take longer.
 */
export function createSlices(sliceMs: number): Slices {
  const tasks = new Set<() => void>()
  function run(): void {
    const endMs = performance.now() + sliceMs
    for (const task of tasks) {
      tasks.delete(task)
      task()
      if (performance.now() >= endMs) break
    }
    if (tasks.size > 0) setImmediate(run)
  }
  return {
    add: (task) => {
      tasks.add(task)
      if (tasks.size === 1) setImmediate(run)
    },
    clear: () => tasks.clear(),
  }
}
