import { bytesToHex } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { expect, test } from 'vitest'
import { platformId, type PlatformName } from './platform.ts'

test.each<[PlatformName, string]>([
  [
    { type: 'Intel', value: new Uint8Array(16) },
    'e0354ea5f3f358293b3b9e8e6897c4ec0a20c4b484a590088633a7eaccbc660a',
  ],
  [
    { type: 'Amd', value: new Uint8Array(64) },
    '167b3af819f899c06b7a1695d2b525bbe5d4d158d48a9396b131637229db74fa',
  ],
  [
    { type: 'Nvidia', value: new Uint8Array(8) },
    'e00d6830899d2a4ca6b13b7106193b574b7c17854aed6fe635603dc330a31117',
  ],
])('the id of $type is golden; computed apart, with hashlib.blake2b of Python', (name, id) => {
  expect(bytesToHex(platformId(native.hashes, name))).toBe(id)
})
