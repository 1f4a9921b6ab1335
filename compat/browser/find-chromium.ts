import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const HOW =
  'Install Chromium (Debian: apt-get update && apt-get install -y chromium) or set CHROMIUM to its path.'

/** The path of Chromium; as root on Debian it is installed where it is missing. */
export function findChromium(): string {
  const path = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
  if (existsSync(path)) return path
  if (process.env['CHROMIUM'] !== undefined) throw new Error(`There is no ${path}. ${HOW}`)
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(HOW)
  console.log('installing Chromium with apt-get')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', 'chromium'],
  ]) {
    execFileSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  if (!existsSync(path)) throw new Error(HOW)
  return path
}
