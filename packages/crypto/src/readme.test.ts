import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('the code of the README runs and prints what it opened', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, code = ''] = /```ts\n([^`]+)```/.exec(readme) ?? []
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module-typescript'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    input: code,
  })
  expect(stderr.toString()).toBe('')
  expect(stdout.toString()).toBe('true false\nhello\n')
})
