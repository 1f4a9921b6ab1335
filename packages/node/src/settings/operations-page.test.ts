import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NODE_SETTINGS } from './node-settings.ts'

const read = (path: string): string =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
const page = read('docs/operations.md')
const cells = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))

test.each(Object.values(NODE_SETTINGS).map((setting) => [setting.name, setting] as const))(
  'docs/operations.md has %s as it is',
  (name, { fallback, help }) => {
    const shown = Array.isArray(fallback) || fallback === undefined ? '' : String(fallback)
    expect(cells).toContainEqual(['', name, shown, help, ''])
  },
)

test('docs/operations.md has a fix for every code', () => {
  const codes = [...read('packages/node/src/errors.ts').matchAll(/case '(\w+)':/g)]
  const named = new Set(cells.map(([, first = '']) => first))
  const missing = codes.map(([, code = '']) => code).filter((code) => !named.has(code))
  expect(codes.length).toBeGreaterThan(10)
  expect(missing).toEqual([])
})
