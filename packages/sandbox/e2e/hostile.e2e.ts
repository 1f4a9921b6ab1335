import { utf8 } from '@tacit/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { bundle, callOf, codeOf, command, outputOf } from '../src/testing/call-fixture.ts'
import { createSandbox, type Sandbox } from '../src/sandbox.ts'

/** Text of a failure may show nothing of the host. */
const HOST_TRACES = /node:|file:|\/work|packages\/|\.ts\b|process\.|at .*\(/

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await createSandbox()
})
afterAll(() => sandbox.close())

/** Runs the code twice; both times the same code, the same gas, and the process lives on. */
async function attack(code: Uint8Array): Promise<unknown> {
  const { pid } = sandbox
  const call = callOf(code, { gasLimit: 3_000_000n })
  const first = await sandbox.call(call)
  expect(await sandbox.call(call)).toEqual(first)
  expect(sandbox.pid).toBe(pid)
  expect(outputOf(await sandbox.call(callOf(command('return "well"'))))).toBe('well')
  if (!first.ok && 'message' in first.error) expect(first.error.message).not.toMatch(HOST_TRACES)
  return codeOf(first)
}

const RECURSE = 'function f(n) { return 1 + f(n + 1) }'

describe('a contract that will not end', () => {
  it.each([
    'for (;;);',
    'try { for (;;); } finally { return 1 }',
    'while (true) { try { for (;;); } catch {} }',
    'for (;;) await null',
    '(function next() { Promise.resolve().then(next) })(); await new Promise(() => {})',
    'return { then(resolve) { resolve(this) } }',
    'return /^(a+)+$/.test("a".repeat(40) + "b")',
    'return { get a() { for (;;); } }',
    'return { toJSON() { for (;;); } }',
    'throw { get message() { for (;;); } }',
    'throw new Proxy({}, { get() { for (;;); } })',
    'new Array(1e5).fill(0).sort(() => { for (;;); })',
    'for (;;) ctx.state.set("a", 1)',
    'for (;;) ctx.random(1024)',
    'for (;;) ctx.hash.sha256("x".repeat(1e5))',
    'for (;;) try { ctx.random(0) } catch {}',
    'function* g() { for (;;) yield 1 } return [...g()].length && 1',
  ])('runs out of gas: %s', async (body) => {
    expect(['out_of_gas', 'out_of_memory']).toContain(await attack(command(body)))
  })

  it('runs out of gas while it loads', async () => {
    expect(await attack(utf8('for (;;);'))).toBe('out_of_gas')
    const getter = `Object.defineProperty(globalThis, 'tacitContract', { get() { for (;;); } })`
    expect(await attack(utf8(getter))).toBe('out_of_gas')
    expect(await attack(utf8('(function t() { Promise.resolve().then(t) })()'))).toBe('out_of_gas')
  })

  it('has waited long enough when nothing can settle its promise', async () => {
    expect(await attack(command('await new Promise(() => {})'))).toBe('output_invalid')
    expect(
      await attack(command('queueMicrotask(() => { throw 1 }); await new Promise(() => {})')),
    ).toBe('output_invalid')
  })
})

describe('a contract that wants too much', () => {
  it.each([
    'const a = []; for (;;) a.push("x".repeat(1000) + a.length)',
    'globalThis.a = []; for (;;) a.push("x".repeat(100) + a.length)',
    'const a = []; for (;;) a.push(new ArrayBuffer(1e6))',
    'const a = []; for (;;) a.push(new SharedArrayBuffer(1e6))',
    'return "x".padStart(2 ** 30 - 1).length',
    'return "x".repeat(1e6).split("").length',
    'return Array.from({ length: 1e9 }).length',
    'let s = "ab"; for (;;) s += s',
    'const m = new Map(); for (let i = 0; ; i++) m.set(i, {})',
    'return /(?:(a)|b)*$/.test("ab".repeat(1e6))',
  ])('runs out of memory: %s', async (body) => {
    expect(['out_of_memory', 'contract_threw']).toContain(await attack(command(body)))
  })

  it('may catch that and go on', async () => {
    const body =
      'try { const a = []; for (;;) a.push(new ArrayBuffer(1e6)) } catch (e) { return e.name }'
    expect(outputOf(await sandbox.call(callOf(command(body))))).toBe('InternalError')
  })

  it.each([
    `${RECURSE} return f(0)`,
    'return { toString() { return "" + this } } + ""',
    'const o = { get a() { return this.a } }; return o.a',
    'return new Proxy({}, { get: (t, k, self) => self[k] }).x',
    'let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); return p.x',
    'let f = () => 1; for (let i = 0; i < 2e4; i++) f = f.bind(null); return f()',
    'let C = class {}; for (let i = 0; i < 3e4; i++) C = class extends C {}; new C()',
    'let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a.flat(Infinity).length',
    'function s() { [2, 1].sort(() => { s(); return 1 }) } s()',
    'function r() { "a".replace(/a/, r) } r()',
    'function* g() { yield* g() } return [...g()]',
    'async function f() { await f() } await f()',
    'return JSON.parse("[".repeat(1e6) + "]".repeat(1e6))',
    'return eval("(".repeat(1e5) + "1" + ")".repeat(1e5))',
    'return eval("()=>".repeat(3e4) + "1")',
    'return new RegExp("(?:".repeat(5e4) + ")".repeat(5e4))',
    'return new RegExp("(".repeat(5e4) + ")".repeat(5e4))',
    'let x = 3n; for (;;) x = x * x',
    'return Math.max(...new Array(1e5).fill(1))',
  ])('is stopped by the guest’s own limits: %s', async (body) => {
    expect(['contract_threw', 'out_of_memory']).toContain(await attack(command(body)))
  })

  it('cannot return what is nested too deep', async () => {
    const body = 'let o = {}; const top = o; for (let i = 0; i < 1e5; i++) o = o.a = {}; return top'
    expect(await attack(command(body))).toBe('output_invalid')
  })
})

describe('a contract that returns garbage', () => {
  it.each([
    'const a = {}; a.a = a; return a',
    'return () => 1',
    'return 1n',
    'return { a: [1n] }',
    'return Symbol("x")',
    'return { get a() { throw 1 } }',
    'return { toJSON() {} }',
    'return { toJSON() { throw new Proxy({}, {}) } }',
    'return new Proxy({}, { ownKeys() { throw 1 } })',
    'const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return [proxy]',
  ])('has an invalid output: %s', async (body) => {
    expect(await attack(command(body))).toBe('output_invalid')
  })

  it('sends lone surrogates and zeros as escapes', async () => {
    const result = await sandbox.call(callOf(command('return "\\ud800x\\u0000"')))
    expect(result.ok && result.value.output).toEqual(utf8('"\\ud800x\\u0000"'))
  })
})

describe('a contract that throws something strange', () => {
  it.each([
    ['null', 'null'],
    ['undefined', 'undefined'],
    ['"text"', 'text'],
    ['1n', '1'],
    ['Symbol("x")', 'Symbol(x)'],
    ['{}', 'an object without a message'],
    ['new RangeError("far")', 'RangeError: far'],
    ['{ message: "m" }', 'm'],
    ['{ name: {}, message: "m" }', 'm'],
    ['{ name: "N", message: { toString() { throw 1 } } }', 'an object without a message'],
    ['new Proxy({}, { get() { throw null } })', 'something that cannot be described'],
    [
      'new Proxy(Error("x"), { get: (t, k, self) => self[k] })',
      'something that cannot be described',
    ],
    ['Object.assign(() => {}, { toString() { throw 1 } })', 'something that cannot be described'],
    ['new Error("a\\u001b[2J\\n\\u2028\\ud800z")', 'Error: a [2J  \ufffdz'],
    ['new Error("x".repeat(1e6))', `Error: ${'x'.repeat(249)}`],
    ['new Error("ä".repeat(1e6))', `Error: ${'ä'.repeat(249)}`],
  ])('throw %s', async (thrown, message) => {
    const result = await sandbox.call(callOf(command(`throw ${thrown}`)))
    expect(outputOf(result)).toMatchObject({ code: 'contract_threw', message })
  })

  it('says the same of a rejected promise', async () => {
    const result = await sandbox.call(callOf(command('return Promise.reject(new Error("no"))')))
    expect(outputOf(result)).toMatchObject({ code: 'contract_threw', message: 'Error: no' })
  })
})

describe('a contract that bends its world', () => {
  it('cannot bend what the host relies on', async () => {
    const body = `JSON.stringify = () => 'evil'; JSON.parse = null; Reflect.apply = null
      Object.freeze = Object.hasOwn = null
      const types = [Object, Array, String, Promise, Function, Number, BigInt, Uint8Array]
      const keysOf = Reflect.ownKeys
      for (let at = 0; at < types.length; at++) {
        const keys = keysOf(types[at].prototype)
        for (let key = 0; key < keys.length; key++)
          if (keys[key] !== 'constructor') try { delete types[at].prototype[keys[key]] } catch {}
      }
      globalThis.BigInt = globalThis.Uint8Array = null
      ctx.state.set('a', { x: [1, 'y'] })
      return [ctx.state.get('a'), await ctx.random(1).length]`
    expect(outputOf(await sandbox.call(callOf(command(body))))).toEqual([{ x: [1, 'y'] }, 1])
  })

  it('cannot poison prototypes under it', async () => {
    const body = `for (const key of ['0', 'length', 'then', 'caller', 'go', 'init', 'default', 'message'])
        Object.defineProperty(Object.prototype, key, { get() { throw 'poison' }, set() { throw 'poison' }, configurable: true })
      ctx.state.set('a', 5)
      return ctx.state.get('a')`
    expect(outputOf(await sandbox.call(callOf(command(body))))).toBe(5)
  })

  it('cannot change its context', async () => {
    const body = `for (const target of [ctx, ctx.state, ctx.block, ctx.hash])
        for (const key of Object.keys(target)) try { target[key] = 0 } catch {}
      return [ctx.block.height, typeof ctx.state.get]`
    expect(outputOf(await sandbox.call(callOf(command(body))))).toEqual([42, 'function'])
  })

  it.each([
    'return typeof process + typeof require + typeof host + typeof globalThis.host + typeof WebAssembly',
    'return Function("return typeof process + typeof require + typeof host + typeof this.host + typeof WebAssembly")()',
    'return ctx.state.get.constructor("return typeof process + typeof require + typeof host + typeof this.host + typeof WebAssembly")()',
    'try { ctx.random("x") } catch (e) { return e.constructor.constructor("return typeof process + typeof require + typeof host + typeof this.host + typeof WebAssembly")() }',
  ])('finds no way out: %s', async (body) => {
    expect(outputOf(await sandbox.call(callOf(command(body))))).toBe('undefined'.repeat(5))
  })

  it.each(['node:fs', 'fs', 'os', 'std', 'file:///etc/passwd', './child.ts', 'https://x.example'])(
    'imports nothing: %s',
    async (name) => {
      const code = command(`return await import(${JSON.stringify(name)})`)
      expect(codeOf(await sandbox.call(callOf(code)))).toBe('contract_threw')
    },
  )

  it('sees no path of the host in a stack', async () => {
    const body = `const seen = []
      for (const wrong of [() => ctx.random('x'), () => ctx.state.set('', 1n), () => null.x, () => ctx.transfer('', 1n)])
        try { wrong() } catch (e) { seen.push(e.stack) }
      return seen.join()`
    const stack = String(outputOf(await sandbox.call(callOf(command(body)))))
    expect(stack).toContain('contract.js')
    expect(stack).not.toMatch(/node:|file:|\/|\.ts\b/)
  })
})

describe('code that is no contract', () => {
  it.each([
    [''],
    ['}}}'],
    ['throw new Error("at load")'],
    ['globalThis.tacitContract = null'],
    ['globalThis.tacitContract = {}'],
    ['globalThis.tacitContract = { default: 5 }'],
    ['globalThis.tacitContract = { get default() { throw 1 } }'],
    ['import x from "y"'],
    ['export default {}'],
    ['\u{0}'],
  ])('is refused: %j', async (code) => {
    expect(await attack(utf8(code))).toBe('code_invalid')
  })

  it('is refused where it is not UTF-8, or bytecode', async () => {
    expect(await attack(Uint8Array.of(0x2f, 0x2f, 0xff))).toBe('code_invalid')
    expect(await attack(Uint8Array.of(0x18, 0, 1, 2, 3))).toBe('code_invalid')
  })

  it.each(['{}', '{ commands: null }', '{ commands: 5 }', '{ commands: { go: 5 } }'])(
    'has no commands: %s',
    async (contract) => {
      expect(await attack(bundle(contract))).toBe('method_unknown')
    },
  )

  it('may hide its commands behind a proxy, at its own cost', async () => {
    const contract = 'new Proxy({}, { get() { throw new Error("no") } })'
    expect(await attack(bundle(contract))).toBe('contract_threw')
  })
})
