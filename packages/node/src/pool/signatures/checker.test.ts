import { utf8 } from '@tacit/base'
import { keypairFromSeed, type SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { expect, test } from 'vitest'
import { packChecks, unpackChecks } from './batch.ts'
import { SignatureChecker, type CheckerOptions } from './checker.ts'
import type { StartThread, ThreadEvents } from './thread.ts'
import type { Waiting } from './waiting.ts'

function checkOf(
  text: string,
  scheme: 'sr25519' | 'ed25519' | 'ecdsa' = 'ed25519',
): SignatureCheck {
  const pair = keypairFromSeed(scheme, new Uint8Array(32).fill(3))
  const message = utf8(text)
  return { scheme, publicKey: pair.publicKey, message, signature: pair.sign(message) }
}
const GOOD = checkOf('good')
const BAD: SignatureCheck = { ...GOOD, message: utf8('bad') }
const ok = (value: boolean): object => ({ ok: true, value })
const UNAVAILABLE = { ok: false, error: { code: 'signatures_unavailable' } }

/** Threads that a test drives. */
type Puppet = {
  readonly events: ThreadEvents
  readonly given: (readonly Waiting[])[]
  isReady: boolean
  isEnded: boolean
  answer(): void
  die(): void
}

function puppets(): { puppets: Puppet[]; start: StartThread } {
  const all: Puppet[] = []
  const start: StartThread = (events) => {
    const thread = {
      get isReady() {
        return puppet.isReady
      },
      get openBatches() {
        return puppet.given.length
      },
      give: (batch: readonly Waiting[]) => void puppet.given.push(batch),
      end: async () => {
        puppet.isEnded = true
        return await Promise.resolve(puppet.given.flat())
      },
    }
    const puppet: Puppet = {
      events,
      given: [],
      isReady: false,
      isEnded: false,
      answer: () => {
        const batch = puppet.given.shift() ?? []
        events.onAnswers(
          batch,
          Uint8Array.from(batch, ({ check }) => Number(native.verify(check))),
        )
        events.onFree()
      },
      die: () => events.onDeath(puppet.given.splice(0).flat(), 'a fault', thread),
    }
    all.push(puppet)
    return thread
  }
  return { puppets: all, start }
}

function createChecker(options: Partial<CheckerOptions>): {
  checker: SignatureChecker
  verified: SignatureCheck[]
  logged: string[]
} {
  const verified: SignatureCheck[] = []
  const logged: string[] = []
  const verify = (check: SignatureCheck): boolean => {
    verified.push(check)
    return native.verify(check)
  }
  const log = (_: unknown, message: string): void => void logged.push(message)
  return {
    checker: new SignatureChecker({ crypto: { verify }, log, ...options }),
    verified,
    logged,
  }
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

test('a batch holds every field of every scheme', () => {
  const checks = [GOOD, BAD, checkOf('', 'sr25519'), checkOf('x'.repeat(300), 'ecdsa')]
  expect(unpackChecks(packChecks(checks))).toEqual(checks)
  expect(unpackChecks(packChecks([]))).toEqual([])
})

test('a real thread decides every scheme, and nothing is left to the caller once it is ready', async () => {
  const { checker, verified } = createChecker({ threads: 1 })
  const checks = [GOOD, BAD, checkOf('s', 'sr25519'), checkOf('e', 'ecdsa')]
  const expected = [true, false, true, true].map(ok)
  expect(await Promise.all(checks.map((check) => checker.check(check)))).toEqual(expected)
  // Until the thread is ready the caller checks; that ends.
  while (checker.counts.onThreads === 0) await checker.check(GOOD)
  const { onCaller } = checker.counts
  expect(verified).toHaveLength(onCaller)
  expect(await Promise.all(checks.map((check) => checker.check(check)))).toEqual(expected)
  expect(checker.counts).toMatchObject({ onCaller, threads: 1, faults: 0, waiting: 0 })
  await checker.stop()
  expect(await checker.check(GOOD)).toEqual(UNAVAILABLE)
})

test('no thread starts before the first check, and a second one when all are busy', async () => {
  const { puppets: all, start } = puppets()
  const { checker } = createChecker({ threads: 2, start })
  await turn()
  expect(all).toHaveLength(0)
  expect(await checker.check(GOOD)).toEqual(ok(true))
  expect(all).toHaveLength(1)
  const [first] = all
  if (first) first.isReady = true
  // Two batches keep one thread busy; it gets six more until another is there.
  const few = Array.from({ length: 40 }, () => checker.check(GOOD))
  await turn()
  // What is no whole batch waits for a thread that is at work.
  expect(first?.given.map(({ length }) => length)).toEqual([32])
  few.push(...Array.from({ length: 24 }, () => checker.check(GOOD)))
  await turn()
  expect(first?.given.map(({ length }) => length)).toEqual([32, 32])
  expect(all).toHaveLength(1)
  const answers = [...few, ...Array.from({ length: 193 }, () => checker.check(GOOD))]
  await turn()
  expect(first?.given.map(({ length }) => length)).toEqual(Array(8).fill(32))
  expect(all).toHaveLength(2)
  expect(checker.counts).toMatchObject({ waiting: 1, threads: 2 })
  for (let count = 0; count < 8; count++) first?.answer()
  await turn()
  first?.answer()
  expect(await Promise.all(answers)).toEqual(answers.map(() => ok(true)))
  expect(all).toHaveLength(2)
})

test('above the bounds a check is refused at once', async () => {
  const { checker } = createChecker({ threads: 0, limits: { checks: 40, bytes: 1e6 } })
  const asked = Array.from({ length: 41 }, () => checker.check(GOOD))
  expect(await asked[40]).toEqual({ ok: false, error: { code: 'signatures_busy' } })
  const tight = createChecker({ threads: 0, limits: { checks: 40, bytes: 300 } })
  const [one, two] = [
    tight.checker.check(GOOD),
    tight.checker.check({ ...GOOD, message: new Uint8Array(190) }),
  ]
  expect([await one, await two]).toEqual([
    ok(true),
    { ok: false, error: { code: 'signatures_busy' } },
  ])
})

test('a thread that dies is replaced and its batch is tried once more', async () => {
  const { puppets: all, start } = puppets()
  const { checker, logged } = createChecker({ threads: 1, start })
  await checker.check(GOOD)
  const [first] = all
  if (first) first.isReady = true
  const answer = checker.check(GOOD)
  await turn()
  first?.die()
  await turn()
  // The caller checks while the second one starts.
  expect(await answer).toEqual(ok(true))
  expect(all).toHaveLength(2)
  expect(logged).toEqual(['a signature thread died'])
  const again = checker.check(BAD)
  if (all[1]) all[1].isReady = true
  await turn()
  all[1]?.die()
  if (all[2]) all[2].isReady = true
  await turn()
  if (all[2]) all[2].isReady = true
  expect(await again).toEqual(ok(false))
  expect(checker.counts.faults).toBe(2)
})

test('a check over which two threads died is given up', async () => {
  const { puppets: all, start } = puppets()
  const { checker, verified } = createChecker({ threads: 2, start })
  await checker.check(GOOD)
  if (all[0]) all[0].isReady = true
  const asked = Array.from({ length: 257 }, () => checker.check(GOOD))
  await turn()
  if (all[1]) all[1].isReady = true
  all[0]?.die()
  await turn()
  // The second thread has what the first left; behind that comes the one that waited.
  expect(all[1]?.given.map(({ length }) => length)).toEqual(Array(8).fill(32))
  all[1]?.die()
  const answers = await Promise.all(asked)
  expect(answers.slice(0, 256)).toEqual(Array.from({ length: 256 }, () => UNAVAILABLE))
  expect(answers[256]).toEqual(ok(true))
  expect(verified).toHaveLength(2)
})

test('threads that die before they answer anything are not started for ever', async () => {
  const { puppets: all, start } = puppets()
  const { checker, verified } = createChecker({ threads: 1, start })
  for (let count = 0; count < 6; count++) {
    expect(await checker.check(GOOD)).toEqual(ok(true))
    all.at(-1)?.die()
    await turn()
  }
  expect(all).toHaveLength(3)
  expect(verified).toHaveLength(6)
})

test('a stop answers whoever waits, with a thread or without', async () => {
  const { puppets: all, start } = puppets()
  const { checker } = createChecker({ threads: 1, start })
  await checker.check(GOOD)
  if (all[0]) all[0].isReady = true
  const asked = Array.from({ length: 70 }, () => checker.check(GOOD))
  await turn()
  await checker.stop()
  expect(await Promise.all(asked)).toEqual(asked.map(() => UNAVAILABLE))
  expect(all[0]?.isEnded).toBe(true)
  expect(checker.counts.threads).toBe(0)
})
