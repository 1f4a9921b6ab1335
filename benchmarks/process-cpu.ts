import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts CPU time of processes in hundredths of a second. */
const MS_PER_TICK = 10

/** CPU milliseconds of a process so far, and of its threads by name; ended threads count in the whole. */
export type ProcessCpu = {
  readonly totalMs: number
  readonly threadsMs: ReadonlyMap<string, number>
}

/** Reads them from /proc, user and system together. */
export function readProcessCpu(pid: number): ProcessCpu {
  const threadsMs = new Map<string, number>()
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const { name, ms } = readStat(`/proc/${pid}/task/${task}/stat`)
    const isMain = task === String(pid)
    const key = isMain ? 'main' : name
    threadsMs.set(key, (threadsMs.get(key) ?? 0) + ms)
  }
  return { totalMs: readStat(`/proc/${pid}/stat`).ms, threadsMs }
}

/** What a process used between two readings. */
export function cpuBetween(before: ProcessCpu, after: ProcessCpu): ProcessCpu {
  const threads = [...after.threadsMs].map(
    ([name, ms]) => [name, ms - (before.threadsMs.get(name) ?? 0)] as const,
  )
  return { totalMs: after.totalMs - before.totalMs, threadsMs: new Map(threads) }
}

/** The second field is a name in parentheses, which may hold anything; the 14th and 15th are ticks. */
function readStat(path: string): { name: string; ms: number } {
  const text = readFileSync(path, 'utf8')
  const end = text.lastIndexOf(')')
  const fields = text.slice(end + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return { name: text.slice(text.indexOf('(') + 1, end), ms: ticks * MS_PER_TICK }
}
