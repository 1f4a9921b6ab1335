/**
 * The least processor time, in milliseconds, that this thread takes for something out of several
 * times: what others do on the machine does not count.
 */
export function cpuMs(run: () => unknown): number {
  const times = Array.from({ length: 7 }, () => {
    const before = process.threadCpuUsage()
    run()
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / 1000
  })
  return Math.min(...times)
}
