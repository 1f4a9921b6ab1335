import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Installs and runs other people's software against us: `npm run compat -- NAME [its flags]`. */
const root = join(import.meta.dirname, '..')
const names = readdirSync(join(root, 'compat'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
const [name, ...flags] = process.argv.slice(2)

if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run compat -- NAME [its flags]\n  NAME is one of ${names.join(', ')}`)
  process.exit(2)
}
const folder = join(root, 'compat', name)
run(existsSync(join(folder, 'package-lock.json')) ? 'ci' : 'install', '--ignore-scripts')
run('test', '--', ...flags)

function run(...command: string[]): void {
  const { status } = spawnSync('npm', command, { cwd: folder, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
