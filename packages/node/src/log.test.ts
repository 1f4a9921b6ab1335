import { afterEach, expect, test, vi } from 'vitest'
import { createLog, type LogFormat } from './log.ts'

const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
const isTerminal = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY')
afterEach(() => {
  write.mockClear()
  Object.defineProperty(process.stderr, 'isTTY', isTerminal ?? { configurable: true })
})

function lineOf(logFormat: LogFormat, isTTY = false): string {
  Object.defineProperty(process.stderr, 'isTTY', { value: isTTY, configurable: true })
  const log = createLog({ logLevel: 'info', logFormat })
  log('debug', 'unheard')
  log('warn', 'two words', { path: '/a b', reason: 'x\nlevel=error', count: 2 })
  expect(write).toHaveBeenCalledTimes(1)
  return String(write.mock.calls[0]?.[0])
}

test('JSON, one object a line', () => {
  const line = lineOf('json')
  expect(line.trimEnd().split('\n')).toHaveLength(1)
  expect(JSON.parse(line)).toMatchObject({
    level: 'warn',
    message: 'two words',
    path: '/a b',
    reason: 'x\nlevel=error',
    count: 2,
  })
})

test('text cannot be broken into lines or fields by what is logged', () => {
  expect(lineOf('text')).toMatch(
    /^\S+Z WARN {2}two words path="\/a b" reason="x\\nlevel=error" count=2\n$/,
  )
})

test('auto is text on a terminal and JSON elsewhere', () => {
  expect(lineOf('auto', true)).toContain(' WARN ')
  write.mockClear()
  expect(lineOf('auto', false)).toMatch(/^\{/)
})
