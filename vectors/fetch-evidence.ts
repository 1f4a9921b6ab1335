import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  composeBundle,
  decodeOrigin,
  sha256,
  type EvidenceFile,
  type EvidenceList,
} from './evidence.ts'

export interface FetchOptions {
  /** Where `owner/repository/commit/path` is found. */
  readonly base: string
  /** Folder to fill. */
  readonly folder: string
  readonly list: EvidenceList
}

const MAX_BYTES = 1 << 20
const TIMEOUT_MS = 30_000
const AT_ONCE = 4

/**
 * Downloads every listed file from its origin, checks its hash, and composes the bundles, whose
 * hashes are checked too. Nothing is written before everything has been checked.
 */
export async function fetchEvidence({ base, folder, list }: FetchOptions): Promise<void> {
  const files = new Map<string, Uint8Array>()
  const queue = [...list.files]
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      files.set(file.path, await fetchFile(base, file))
    }
  })
  await Promise.all(workers)
  for (const bundle of list.bundles) {
    const json = composeBundle(bundle, (path) => files.get(path) ?? new Uint8Array())
    const bytes = new TextEncoder().encode(json)
    checkHash(bundle.path, bytes, bundle.sha256)
    files.set(bundle.path, bytes)
  }
  for (const [path, bytes] of files) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, bytes)
  }
}

async function fetchFile(base: string, file: EvidenceFile): Promise<Uint8Array> {
  const url = `${base}/${urlPath(file.origin)}`
  const response = await request(url)
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (bytes.length > MAX_BYTES) throw new Error(`${url}: more than ${MAX_BYTES} bytes`)
  const decoded = decodeOrigin(bytes, file.decode)
  if (file.sha256 !== undefined) checkHash(url, decoded, file.sha256)
  return decoded
}

async function request(url: string): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (cause) {
    const fix = 'Go online, or set TACIT_EVIDENCE to a folder that holds the evidence.'
    throw new Error(`${url}: not reachable. ${fix}`, { cause })
  }
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`)
  return response
}

/** `owner/repository@commit:path` as `owner/repository/commit/path`. */
function urlPath(origin: string): string {
  const match = /^([^@]+)@([0-9a-f]+):(.+)$/.exec(origin)
  if (match === null) throw new Error(`evidence.json: not an origin: ${origin}`)
  return match.slice(1).join('/')
}

function checkHash(name: string, bytes: Uint8Array, expected: string): void {
  const found = sha256(bytes)
  if (found !== expected) {
    throw new Error(`${name}: its SHA-256 is ${found}, evidence.json says ${expected}`)
  }
}
