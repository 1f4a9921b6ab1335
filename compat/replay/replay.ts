/** `node replay.ts FILE`: executes a chain in an empty database; prints what came out as JSON. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, toHex, unwrap } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { headerCodec } from '@tacit/light'
import { createRuntime } from '@tacit/runtime/runtime'
import { createApplication } from '../../packages/node/src/application.ts'
import { Store } from '../../packages/node/src/storage/store.ts'
import { fromHex, readChainFile } from './chain-file.ts'

const { spec, blocks } = readChainFile(process.argv[2] ?? '')
const folder = mkdtempSync(join(tmpdir(), 'tacit-replay-'))
const store = new Store(folder, { retention: 16 })
const runtime = createRuntime()
const app = createApplication({ runtime, store, crypto: native, log: () => {} })
await app.genesis(spec.genesis)
for (const line of blocks) {
  const header = unwrap(decode(headerCodec, fromHex(line.header)), 'header')
  const block = { header, extrinsics: line.extrinsics.map(fromHex) }
  await app.commit(unwrap(app.execute(block), `block ${header.number}`))
}
const info = app.info()
await store.close()
rmSync(folder, { recursive: true })
const { number = 0, hash = new Uint8Array() } = info?.best ?? {}
const metadata = toHex(native.hashes.blake2b256(runtime.metadata(15)))
console.log(
  JSON.stringify({
    node: process.version,
    v8: process.versions.v8,
    number,
    hash: toHex(hash),
    metadata,
  }),
)
