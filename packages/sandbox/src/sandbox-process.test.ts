import { spawnSync } from 'node:child_process'

import { InvariantError } from '@tacit/base'
import { afterEach, describe, expect, it } from 'vitest'

import { callOf, codeOf, command, outputOf } from './testing/call-fixture.ts'
import { confinementFlags } from './confinement.ts'
import { createSandbox, type Sandbox } from './sandbox.ts'

const open: Sandbox[] = []
async function start(options = {}): Promise<Sandbox> {
  const sandbox = await createSandbox(options)
  open.push(sandbox)
  return sandbox
}
afterEach(() => Promise.all(open.splice(0).map((sandbox) => sandbox.close())))

const WELL = callOf(command('return "well"'))
/** Work inside one built-in function, which the coarse gas does not see. */
const STUCK = callOf(command('return (new Array(1e9) + "").length'), { deadlineMs: 200 })

describe('the process', () => {
  it('is killed at the deadline; the next call finds a new one', async () => {
    const sandbox = await start()
    const { pid } = sandbox
    const [stuck, next] = await Promise.all([sandbox.call(STUCK), sandbox.call(WELL)])
    expect(stuck).toEqual({
      ok: false,
      error: { code: 'deadline_exceeded', gasUsed: STUCK.gasLimit },
    })
    expect(outputOf(next)).toBe('well')
    expect(sandbox.pid).not.toBe(pid)
  })

  it('may be killed by others: between calls nobody notices, within one it is said', async () => {
    const sandbox = await start()
    const stuck = sandbox.call({ ...STUCK, deadlineMs: 10_000 })
    // The call is on its way once the queue has turned.
    await new Promise(setImmediate)
    process.kill(sandbox.pid ?? 0, 'SIGKILL')
    expect(await stuck).toEqual({
      ok: false,
      error: { code: 'sandbox_crashed', gasUsed: STUCK.gasLimit },
    })
    expect(outputOf(await sandbox.call(WELL))).toBe('well')
  })

  it('answers the same after a restart', async () => {
    const sandbox = await start()
    const call = callOf(command('return [ctx.random(8).toHex(), Math.random(), Date.now()]'))
    const before = await sandbox.call(call)
    await sandbox.call(STUCK)
    expect(await sandbox.call(call)).toEqual(before)
  })

  it('ends with close, and the calls that wait end with it', async () => {
    const sandbox = await start()
    const waiting = [sandbox.call({ ...STUCK, deadlineMs: 10_000 }), sandbox.call(WELL)]
    await new Promise(setImmediate)
    await sandbox.close()
    const codes = (await Promise.all(waiting)).map(codeOf)
    expect(codes).toEqual(['sandbox_closed', 'sandbox_closed'])
    expect(codeOf(await sandbox.call(WELL))).toBe('sandbox_closed')
    expect(() => process.kill(sandbox.pid ?? 0, 0)).toThrow('ESRCH')
    await sandbox.close()
  })

  it('holds as much memory as it was given', async () => {
    const [small, large] = await Promise.all([
      start({ memoryBytes: 4 * 1024 * 1024 }),
      start({ memoryBytes: 64 * 1024 * 1024 }),
    ])
    const eight = callOf(command('return new ArrayBuffer(8e6).byteLength'))
    expect(codeOf(await small.call(eight))).toBe('out_of_memory')
    expect(outputOf(await large.call(eight))).toBe(8e6)
  })

  it('nests as deep as it was allowed', async () => {
    const [flat, deep] = await Promise.all([start({ maxStackBytes: 32 * 1024 }), start()])
    const nest = callOf(command('const f = (n) => (n === 0 ? 0 : 1 + f(n - 1)); return f(300)'))
    expect(codeOf(await flat.call(nest))).toBe('contract_threw')
    expect(outputOf(await deep.call(nest))).toBe(300)
  })

  it.each([
    { memoryBytes: 1 },
    { memoryBytes: 2 ** 31 },
    { maxStackBytes: 1 },
    { maxStackBytes: 2 ** 20 },
  ])('does not start with %j', async (options) => {
    await expect(createSandbox(options)).rejects.toThrow(InvariantError)
  })

  it('may read its own code and do nothing else with the machine', () => {
    const probe = `const tries = {
        read: () => require('fs').readFileSync('/etc/hosts'),
        list: () => require('fs').readdirSync('/'),
        write: () => require('fs').writeFileSync('x', ''),
        spawn: () => require('child_process').spawnSync('true'),
        worker: () => new (require('worker_threads').Worker)('', { eval: true }),
        addon: () => process.dlopen({ exports: {} }, 'x.node'),
      }
      for (const [name, attempt] of Object.entries(tries)) {
        try { attempt(); console.log(name, 'allowed') } catch (e) { console.log(name, e.code) }
      }`
    const { stdout } = spawnSync(process.execPath, [...confinementFlags(), '-e', probe], {
      env: {},
    })
    const verdicts = stdout.toString().trim().split('\n')
    expect(verdicts).toHaveLength(6)
    expect(verdicts.filter((line) => !/ERR_(ACCESS_DENIED|DLOPEN_DISABLED)$/.test(line))).toEqual(
      [],
    )
  })
})
