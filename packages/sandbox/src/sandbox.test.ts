import { InvariantError, utf8 } from '@tacit/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { bundle, callOf, codeOf, command, outputOf, readJson } from './testing/call-fixture.ts'
import { LIMITS } from './limits.ts'
import { createSandbox, type Sandbox } from './sandbox.ts'
import type { SandboxCall } from './types.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await createSandbox()
})
afterAll(() => sandbox.close())

const run = (body: string, change: Partial<SandboxCall> = {}) =>
  sandbox.call(callOf(command(body), change))
const output = async (body: string, change: Partial<SandboxCall> = {}) =>
  outputOf(await run(body, change))

describe('a call', () => {
  it('gets its input and its place in the chain', async () => {
    const body = `return [input, ctx.caller, ctx.self, ctx.block, String(ctx.sequence), String(ctx.value)]`
    expect(await output(body, { input: utf8('{"a":[1,"ä\\u0000"]}') })).toEqual([
      { a: [1, 'ä\0'] },
      `0x${'ca'.repeat(32)}`,
      `0x${'5e'.repeat(32)}`,
      { height: 42, timeMs: 1_700_000_000_000 },
      '7',
      '12',
    ])
  })

  it('sees a clock that stands still at the block, in UTC', async () => {
    const body = `const now = Date.now(); for (let i = 0; i < 1e5; i++); const zone = new Date()
      return [now, Date.now(), zone.getTimezoneOffset(), zone.toISOString(), typeof performance]`
    expect(await output(body)).toEqual([
      1_700_000_000_000,
      1_700_000_000_000,
      0,
      '2023-11-14T22:13:20.000Z',
      'undefined',
    ])
  })

  it('reads and writes the state', async () => {
    const state = new Map([
      ['a', utf8('{"n":1}')],
      ['b', utf8('2')],
      ['ä', utf8('3')],
    ])
    const body = `ctx.state.set('b', { n: ctx.state.get('a').n + 1 }); ctx.state.delete('a')
      ctx.state.set('c', [1]); ctx.state.set('d', 1); ctx.state.delete('d'); ctx.state.delete('nothing')
      return [ctx.state.get('a') === undefined, ctx.state.get('b'), ctx.state.keys(), ctx.state.keys('b')]`
    const result = await run(body, { state })
    expect(outputOf(result)).toEqual([true, { n: 2 }, ['b', 'c', 'ä'], ['b']])
    expect(result.ok && [...result.value.writes]).toEqual([
      ['b', utf8('{"n":2}')],
      ['a', undefined],
      ['c', utf8('[1]')],
    ])
    expect(state.size).toBe(3)
  })

  it('lists keys by their UTF-8, not by their UTF-16', async () => {
    const state = new Map(['\u{1f600}', '\uffee', 'z'].map((key) => [key, utf8('0')]))
    expect(await output('return ctx.state.keys()', { state })).toEqual(['z', '\uffee', '\u{1f600}'])
  })

  it('hands out copies: changing one changes no state', async () => {
    const body = `ctx.state.get('a').n = 9; return ctx.state.get('a').n`
    expect(await output(body, { state: new Map([['a', utf8('{"n":1}')]]) })).toBe(1)
  })

  it('collects events and transfers in order', async () => {
    const body = `ctx.emit('one', { a: 1 }); ctx.transfer('0x' + '0f'.repeat(32), 2n ** 128n - 1n)
      ctx.transfer('0f'.repeat(32), 1n); ctx.emit('two', null)`
    const result = await run(body)
    const to = new Uint8Array(32).fill(15)
    expect(result.ok && result.value.outbox).toEqual([
      { type: 'event', topic: 'one', data: utf8('{"a":1}') },
      { type: 'transfer', to, amount: 2n ** 128n - 1n },
      { type: 'transfer', to, amount: 1n },
      { type: 'event', topic: 'two', data: utf8('null') },
    ])
    expect(outputOf(result)).toBeNull()
  })

  it('hashes as SHA-256 does', async () => {
    // FIPS 180-4 example "abc".
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    const body = `const hex = (bytes) => bytes.toHex()
      return [hex(ctx.hash.sha256('abc')), hex(ctx.hash.sha256(Uint8Array.of(97, 98, 99))), hex(ctx.hash.sha256('ä'))]`
    expect(await output(body)).toEqual([
      abc,
      abc,
      // Python: hashlib.sha256('ä'.encode())
      '33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc',
    ])
  })

  it('awaits promises and thenables', async () => {
    expect(await output('await null; return Promise.resolve(Promise.resolve(3))')).toBe(3)
    expect(await output('return { then(resolve) { resolve(4) } }')).toBe(4)
  })

  it('reads undefined as null', async () => {
    expect(await output('')).toBeNull()
  })

  it('starts from fresh memory each time', async () => {
    const code = bundle(
      `(() => { let n = 0; return { commands: { go: () => (globalThis.m = (globalThis.m ?? 0) + 1, [++n, globalThis.m]) } } })()`,
    )
    for (let times = 0; times < 3; times++) {
      expect(outputOf(await sandbox.call(callOf(code)))).toEqual([1, 1])
    }
  })

  it('keeps bundles apart that share the process', async () => {
    const codes = ['a', 'b', 'c'].map((name) =>
      // Different sizes of memory: the engine must be replaced in between.
      bundle(
        `{ table: new Array(${name === 'b' ? 300_000 : 3}).fill(1.5), commands: { go: () => '${name}' } }`,
      ),
    )
    for (const at of [0, 1, 2, 1, 0, 2, 0, 1]) {
      const code = codes[at] ?? new Uint8Array()
      expect(outputOf(await sandbox.call(callOf(code)))).toBe('abc'[at])
    }
  })

  it('runs calls one after another in the order they came', async () => {
    const calls = [1, 2, 3, 4].map((n) => output('return input', { input: utf8(`${n}`) }))
    expect(await Promise.all(calls)).toEqual([1, 2, 3, 4])
  })
})

describe('init and queries', () => {
  const code = bundle(`{
    init(ctx, input) { ctx.state.set('first', [input, ctx.random(2).length]) },
    commands: { go() {} },
    queries: { keys: (ctx) => Object.keys(ctx).concat(Object.keys(ctx.state)), fail: (ctx) => ctx.fail('no') },
  }`)

  it('runs init once, or nothing where there is none', async () => {
    const result = await sandbox.call(callOf(code, { kind: 'init', method: '', input: utf8('5') }))
    expect(result.ok && readJson(result.value.writes.get('first'))).toEqual([5, 2])
    const without = await sandbox.call(callOf(command(''), { kind: 'init', method: '' }))
    expect(outputOf(without)).toBeNull()
  })

  it('gives a query nothing that acts', async () => {
    const result = await sandbox.call(callOf(code, { kind: 'query', method: 'keys' }))
    expect(outputOf(result)).toEqual([
      'caller',
      'self',
      'block',
      'hash',
      'fail',
      'state',
      'get',
      'keys',
    ])
    const failed = await sandbox.call(callOf(code, { kind: 'query', method: 'fail' }))
    expect(outputOf(failed)).toMatchObject({ code: 'contract_failed', failCode: 'no' })
  })

  it.each([
    ['command', 'keys'],
    ['command', 'nothing'],
    ['command', 'toString'],
    ['command', '__proto__'],
    ['command', 'constructor'],
    ['query', 'go'],
    ['command', 'x'.repeat(65)],
  ] as const)('finds no %s %s', async (kind, method) => {
    expect(codeOf(await sandbox.call(callOf(code, { kind, method })))).toBe('method_unknown')
  })
})

describe('randomness', () => {
  const body = `return [ctx.random(40).toHex(), ctx.random(1).toHex(), Math.random(), Math.random()]`

  it('is the same for the same seed and another for another', async () => {
    const [first, second] = [await output(body), await output(body)]
    expect(second).toEqual(first)
    const { context } = callOf(command(''))
    const other = await output(body, {
      context: { ...context, seed: new Uint8Array(32).fill(10) },
    })
    expect(other).not.toEqual(first)
    const [, , one, two] = first as number[]
    expect(one).not.toBe(two)
  })

  it('is one stream of AES-256-CTR', async () => {
    // head -c 64 /dev/zero | openssl enc -aes-256-ctr -K 0909...09 -iv 0000...00
    expect(await output(body)).toEqual([
      '3fb865a2e2740494ffff67a03e830ea37dfd0479b0f94dc5e7e35632788e2f3be6c36524273f3b8d',
      'bd',
      0.07781996962981674,
      0.31754333786484645,
    ])
  })

  it('is refused while code loads, where a snapshot would repeat it for ever', async () => {
    const code = bundle(`{ seed: Math.random(), commands: { go() {} } }`)
    expect(codeOf(await sandbox.call(callOf(code)))).toBe('code_invalid')
  })
})

describe('gas', () => {
  it('charges work, bytes and promise jobs, and the same whether or not the code was loaded', async () => {
    const used = async (body: string, change: Partial<SandboxCall> = {}) => {
      const twice = [await run(body, change), await run(body, change)]
      const [first, second] = twice.map((result) =>
        result.ok ? result.value.gasUsed : result.error.gasUsed,
      )
      expect(second).toBe(first)
      return first ?? 0n
    }
    const idle = await used('')
    expect(await used('for (let i = 0; i < 1e6; i++);')).toBeGreaterThan(idle + 900_000n)
    expect(await used('for (let i = 0; i < 100; i++) await null')).toBeGreaterThan(idle + 10_000n)
    expect(await used(`ctx.state.set('a', 'x'.repeat(5000))`)).toBeGreaterThan(idle + 5000n)
    expect(await used('', { input: utf8(`"${'x'.repeat(5000)}"`) })).toBe(idle + 4998n)
    expect(await used(' '.repeat(100))).toBe(idle + 100n)
  })

  it('ends at the limit exactly, loaded or not', async () => {
    const code = command('for (let i = 0; i < 1e5; i++); return 1')
    const free = await sandbox.call(callOf(code))
    if (!free.ok) throw new Error(free.error.code)
    const { gasUsed } = free.value
    expect(codeOf(await sandbox.call(callOf(code, { gasLimit: gasUsed })))).toBe('ok')
    for (const gasLimit of [gasUsed - 1n, 50_000n, 1000n, 1n, 0n]) {
      expect(await sandbox.call(callOf(code, { gasLimit }))).toEqual({
        ok: false,
        error: { code: 'out_of_gas', gasUsed: gasLimit },
      })
      // The same code under a hash that no cache knows.
      const fresh = callOf(code, {
        gasLimit,
        codeHash: new Uint8Array(32).fill(Number(gasLimit & 255n)),
      })
      expect(await sandbox.call(fresh)).toEqual({
        ok: false,
        error: { code: 'out_of_gas', gasUsed: gasLimit },
      })
    }
  })

  it('is owed by failures too', async () => {
    const result = await run('for (let i = 0; i < 1e5; i++); throw 1')
    expect(!result.ok && result.error.gasUsed).toBeGreaterThan(90_000n)
  })
})

describe('bounds', () => {
  it.each([
    ['input_invalid', { input: new Uint8Array(LIMITS.inputBytes + 1).fill(0x20) }],
    ['input_invalid', { input: utf8('{') }],
    ['input_invalid', { input: new Uint8Array() }],
    ['input_invalid', { input: Uint8Array.of(0x22, 0xff, 0x22) }],
    ['input_invalid', { input: utf8('['.repeat(30_000) + ']'.repeat(30_000)) }],
    ['code_invalid', { code: new Uint8Array(LIMITS.codeBytes + 1).fill(0x20) }],
    ['state_limit', { state: new Map([['a', new Uint8Array(LIMITS.stateBytes)]]) }],
  ] as const)('answers %s', async (code, change) => {
    const result = await run('return 1', change)
    expect(codeOf(result)).toBe(code)
  })

  it.each([
    ['ok', `ctx.state.set('k'.repeat(256), 'x'.repeat(65534))`],
    ['state_limit', `ctx.state.set('k'.repeat(257), 1)`],
    ['state_limit', `ctx.state.set('', 1)`],
    ['state_limit', `ctx.state.set('k', 'x'.repeat(65535))`],
    ['state_limit', `try { ctx.state.set('', 1) } catch {}`],
    ['state_limit', `for (let i = 0; ; i++) ctx.state.set('k' + i, 'x'.repeat(60000))`],
    ['ok', `for (let i = 0; i < 500; i++) ctx.state.set('k', 'x'.repeat(20000))`],
    ['ok', `for (let i = 0; i < 64; i++) ctx.emit('t', 'x'.repeat(4094))`],
    ['outbox_limit', `for (let i = 0; i < 65; i++) ctx.emit('t', 1)`],
    ['outbox_limit', `ctx.emit('t', 'x'.repeat(4095))`],
    ['outbox_limit', `ctx.emit('t'.repeat(65), 1)`],
    ['contract_threw', `ctx.emit('', 1)`],
    ['contract_threw', `ctx.emit('\\ud800', 1)`],
    ['contract_threw', `ctx.emit('t')`],
    ['contract_threw', `ctx.state.set('\\ud800', 1)`],
    ['contract_threw', `ctx.state.set('k', undefined)`],
    ['contract_threw', `ctx.state.set('k', 1n)`],
    ['contract_threw', `ctx.state.get(5)`],
    ['contract_threw', `ctx.transfer(ctx.self, 0n)`],
    ['contract_threw', `ctx.transfer(ctx.self, -1n)`],
    ['contract_threw', `ctx.transfer(ctx.self, 2n ** 128n)`],
    ['contract_threw', `ctx.transfer(ctx.self, 5)`],
    ['contract_threw', `ctx.transfer(ctx.self.slice(4), 5n)`],
    ['contract_threw', `ctx.random(0)`],
    ['contract_threw', `ctx.random(1025)`],
    ['contract_threw', `ctx.random(1.5)`],
    ['contract_threw', `ctx.hash.sha256({})`],
    ['contract_threw', `ctx.hash.sha256('x'.repeat(1048577))`],
    ['contract_threw', `ctx.fail('Not a code')`],
    ['ok', `return 'x'.repeat(65534)`],
    ['output_invalid', `return 'x'.repeat(65535)`],
  ])('answers %s to %s', async (code, body) => {
    expect(codeOf(await run(body))).toBe(code)
  })

  it('lets a set that came and went leave no trace', async () => {
    const body = `for (let i = 0; i < 1000; i++) { ctx.state.set('k' + i, 1); ctx.state.delete('k' + i) }`
    const result = await run(body)
    expect(result.ok && result.value.writes.size).toBe(0)
  })

  it('refuses requests that are our own mistake', () => {
    const good = callOf(command(''))
    const { context } = good
    const short = new Uint8Array(31)
    for (const change of [
      { codeHash: short },
      { gasLimit: -1n },
      { gasLimit: 2n ** 53n },
      { context: { ...context, caller: short } },
      { context: { ...context, seed: short } },
      { context: { ...context, value: 2n ** 128n } },
      { context: { ...context, height: 2 ** 32 } },
    ]) {
      expect(() => sandbox.call({ ...good, ...change })).toThrow(InvariantError)
    }
  })
})

describe('ctx.fail', () => {
  it('is final, carries code and bounded text, and undoes the call', async () => {
    const body = `ctx.state.set('a', 1); try { ctx.fail('too_late', 'x\\n\\u001b[31m' + 'y'.repeat(999)) } catch { return 1 }`
    expect(await output(body)).toMatchObject({
      code: 'contract_failed',
      failCode: 'too_late',
      message: `x  [31m${'y'.repeat(249)}`,
    })
  })
})

describe('the same call', () => {
  it('gives the same outcome again and in another process', async () => {
    const body = `const seen = new Map(); for (let i = 0; i < 2000; i++) seen.set(Math.random(), 'x'.repeat(i % 50))
      ctx.state.set('sorted', [...seen.keys()].sort().slice(0, 50))
      ctx.emit('e', /(a|b)*c/.exec('abab'.repeat(50) + 'c')[0].length)
      const deep = (n) => { try { return deep(n + 1) } catch { return n } }
      return [deep(0), 3n ** 500n + '', [1e21, 0.1 + 0.2, -0].map(String), new Error('x').stack, ctx.random(64).toHex()]`
    const first = await run(body)
    expect(codeOf(first)).toBe('ok')
    expect(await run(body)).toEqual(first)
    const other = await createSandbox()
    try {
      expect(await other.call(callOf(command(body)))).toEqual(first)
    } finally {
      await other.close()
    }
  })
})
