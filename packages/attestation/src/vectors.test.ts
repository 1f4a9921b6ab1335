import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, bytes, encode, parseHex, utf8 } from '@tacit/base'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  composeBundle,
  findEvidence,
  readEvidence,
  readEvidenceList,
  type EvidenceFile,
} from '../../../vectors/evidence.ts'
import { fetchEvidence } from '../../../vectors/fetch-evidence.ts'

const list = readEvidenceList()
const folder = findEvidence()

test('the list has the counted files and bundles', () => {
  expect(list.files).toHaveLength(136)
  expect(list.bundles).toHaveLength(13)
})

test('absence is said aloud, and fails in CI', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const absent = { TACIT_EVIDENCE: '/nonexistent' }
  expect(findEvidence(absent)).toBeUndefined()
  expect(warn.mock.calls.flat().join()).toContain('npm run vectors')
  warn.mockRestore()
  expect(() => findEvidence({ ...absent, CI: '1' })).toThrow(/No real evidence/)
})

describe.runIf(folder !== undefined)('evidence', () => {
  const root = folder ?? ''

  test('no bundle is unknown', () => {
    const names = readdirSync(join(root, 'dcap/bundles')).map((name) => `dcap/bundles/${name}`)
    expect(names.toSorted()).toEqual(list.bundles.map(({ path }) => path).toSorted())
  })

  test('every bundle is composed from its files to the byte', () => {
    for (const bundle of list.bundles) {
      const recorded = new TextDecoder().decode(readEvidence(root, bundle))
      expect(composeBundle(bundle, readListed)).toBe(recorded)
    }
  })

  describe('fetched from a server in place of GitHub', () => {
    const server = createServer((request, response) => {
      const file = list.files.find(({ origin }) => request.url === `/${urlPath(origin)}`)
      if (file === undefined) response.writeHead(404).end()
      else response.end(isBroken && file === list.files[0] ? 'broken' : undecode(file))
    })
    const target = mkdtempSync(join(tmpdir(), 'tacit-vectors-'))
    let isBroken = false
    let base = ''

    beforeAll(async () => {
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    afterAll(() => {
      server.close()
      rmSync(target, { recursive: true })
    })

    test('a changed file is refused and nothing is written', async () => {
      isBroken = true
      await expect(fetchEvidence({ base, folder: target, list })).rejects.toThrow(/SHA-256/)
      isBroken = false
      expect(readdirSync(target)).toEqual([])
    })

    test('all bundles arrive', async () => {
      await fetchEvidence({ base, folder: target, list })
      expect(readdirSync(join(target, 'dcap/bundles'))).toHaveLength(13)
    })

    test('an unreachable origin names the fix', async () => {
      const offline = fetchEvidence({ base: 'http://127.0.0.1:1', folder: target, list })
      await expect(offline).rejects.toThrow(/TACIT_EVIDENCE/)
    })
  })

  function readListed(path: string): Uint8Array {
    const file = list.files.find((candidate) => candidate.path === path)
    if (file === undefined) throw new Error(`not listed: ${path}`)
    return path.endsWith('.scale') ? scaleCollateral() : readEvidence(root, file)
  }

  /** The one origin that ../shared/evidence does not keep as a file: nine SCALE byte strings. */
  function scaleCollateral(): Uint8Array {
    const bundle = list.bundles.find(({ path }) => path.endsWith('sgx-v3-phala-2023.json'))
    if (bundle === undefined) throw new Error('not listed')
    const recorded = JSON.parse(new TextDecoder().decode(readEvidence(root, bundle)))
    const fields = Object.keys(bundle.collateral).map((name) => {
      const text: string = recorded.collateral[name]
      const hex = parseHex(text)
      return name.endsWith('signature') && hex.ok ? hex.value : utf8(text)
    })
    return encode(array(bytes, fields.length), fields)
  }

  function undecode(file: EvidenceFile): Uint8Array | string {
    const found = readListed(file.path)
    const hex = Buffer.from(found).toString('hex')
    if (file.decode === 'hex') return `${hex}\n`
    return file.decode === undefined ? found : JSON.stringify({ quote: hex })
  }
})

function urlPath(origin: string): string {
  return origin.replace('@', '/').replace(':', '/')
}
