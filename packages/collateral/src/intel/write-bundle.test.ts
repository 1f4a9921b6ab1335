import { expect, test } from 'vitest'
import { unwrap, utf8 } from '@tacit/base'
import { parseBundle } from '@tacit/attestation'
import { createDevPlatform } from '@tacit/platform-dev'
import { writeBundle } from './write-bundle.ts'

test('a written bundle reads back as it was', () => {
  const platform = createDevPlatform({ seed: new Uint8Array(32).fill(7), now: 1_780_000_000 })
  const collateral = platform.collateral()
  const td = platform.launchTd({ image: new Uint8Array(48), role: 'x' })
  const quote = td.quote(new Uint8Array(64))
  const text = writeBundle({ quote, collateral, verifyAt: 1_780_000_000 })
  expect(unwrap(parseBundle(utf8(text)))).toEqual({
    name: undefined,
    quote: { type: 'bytes', bytes: quote },
    collateral,
    verifyAt: 1_780_000_000,
    expected: undefined,
  })
})
