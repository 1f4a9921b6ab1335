import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  bytesToHex,
  decode,
  parseHex,
  parseUtf8,
  unwrap,
  array,
  bytes as scaleBytes,
} from '@tacit/base'

/** A file of real evidence and where it comes from. */
export interface EvidenceFile {
  /** Relative to the evidence folder. */
  readonly path: string
  /** `owner/repository@commit:path` on github.com. */
  readonly origin: string
  readonly licence: string
  /** How the origin's bytes become the file: hex text, or a hex field of JSON. */
  readonly decode?: 'hex' | `json-hex:${string}`
  /** Of the decoded file; absent where only the bundles composed from it have a recorded hash. */
  readonly sha256?: string
  readonly bytes?: number
  /** Evidence of its own: `verified`, or the code of the error that it must give. */
  readonly expected?: string
  /** The file with the certificate chain of this report. */
  readonly chain?: string
}

/** A quote with its collateral, composed from files, and its recorded result. */
export interface EvidenceBundle {
  readonly path: string
  /** Of the composed JSON. */
  readonly sha256: string
  readonly bytes: number
  readonly quote: string
  readonly verifyAt: string
  readonly expected: Readonly<Record<string, unknown>> & { readonly tcb_status: string }
  readonly collateral: Readonly<Record<string, CollateralSource>>
}

/**
 * Where a text field of a bundle comes from: the file as text or as hex; a field of JSON; the
 * signed body of a response by Intel's service; an item of a SCALE struct of nine byte strings.
 */
export interface CollateralSource {
  readonly file: string
  readonly as:
    | 'text'
    | 'hex'
    | 'body'
    | `field:${string}`
    | `scale-text:${number}`
    | `scale-hex:${number}`
}

/** A quote that is verified with collateral outside of bundles, and its recorded result. */
export interface DcapSample {
  readonly name: string
  /** What is special about it, for people. */
  readonly what: string
  /** Path of the quote, or of Azure's JSON around it. */
  readonly quote: string
  readonly verify_at: string
  /** The status or the code of the error; Intel's own verdict where it is known. */
  readonly expected: Readonly<
    Partial<Record<'tcb_status' | 'code' | 'intel_qvl_quote_status', string>>
  >
}

/** A SEV-SNP report with its key's certificate, both files, and its recorded result. */
export interface SnpSample {
  readonly name: string
  /** Path of a report, of its hex, of Azure's HCL report around it, or of Azure's JSON. */
  readonly evidence: string
  readonly as: 'report' | 'hex' | 'hcl' | 'azure'
  /** Path of the certificate in DER or, first of possibly several, in PEM; Azure's JSON has its own. */
  readonly endorsement?: string
  /** Path of the ASK in PEM. */
  readonly chain?: string
  readonly verify_at: string
  /** The verdict's fields by their names in snake case, or the code of the error. */
  readonly expected: Readonly<Record<string, unknown>>
}

export interface EvidenceList {
  readonly files: readonly EvidenceFile[]
  readonly bundles: readonly EvidenceBundle[]
  readonly dcap_quotes: readonly DcapSample[]
  readonly snp_reports: readonly SnpSample[]
}

const BUNDLE_FIELDS = 9
const FOLDER = import.meta.dirname

/** What `npm run vectors` fills. */
export const CACHE: string = join(FOLDER, 'cache')

export function readEvidenceList(): EvidenceList {
  return JSON.parse(readFileSync(join(FOLDER, 'evidence.json'), 'utf8'))
}

/**
 * The folder that holds the evidence: TACIT_EVIDENCE alone where it is set, else ../shared/evidence
 * beside the repository, else the cache. Where there is none this says so and returns undefined; in
 * CI that is an error.
 */
export function findEvidence(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const own = env['TACIT_EVIDENCE']
  const candidates = own ? [own] : [resolve(FOLDER, '../../shared/evidence'), CACHE]
  const found = candidates.find((folder) => existsSync(join(folder, 'dcap/bundles')))
  if (found !== undefined) return found
  const message = 'No real evidence: set TACIT_EVIDENCE or run "npm run vectors" once.'
  if (env['CI']) throw new Error(message)
  console.warn(`${message} Tests that need it are skipped.`)
  return undefined
}

/** Reads a listed file and checks its hash. */
export function readEvidence(
  folder: string,
  { path, sha256: expected }: EvidenceFile | EvidenceBundle,
): Uint8Array {
  const bytes = new Uint8Array(readFileSync(join(folder, path)))
  const found = sha256(bytes)
  if (expected !== undefined && found !== expected) {
    throw new Error(`${path}: its SHA-256 is ${found}, evidence.json says ${expected}`)
  }
  return bytes
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Turns an origin's bytes into the listed file. */
export function decodeOrigin(bytes: Uint8Array, how: EvidenceFile['decode']): Uint8Array {
  if (how === undefined) return bytes
  const text = unwrap(utf8Text(bytes))
  if (how === 'hex') return unwrap(parseHex(text.trim()))
  return unwrap(parseHex(JSON.parse(text)[how.slice('json-hex:'.length)]))
}

/** Composes a bundle's JSON from its files' bytes. */
export function composeBundle(bundle: EvidenceBundle, read: (path: string) => Uint8Array): string {
  const { path, quote, verifyAt, expected } = bundle
  const name = path.slice(path.lastIndexOf('/') + 1, -'.json'.length)
  const fields = Object.entries(bundle.collateral).map(([field, source]) => [
    field,
    selectField(read(source.file), source.as),
  ])
  const collateral = Object.fromEntries(fields)
  return JSON.stringify({ name, quote, verify_at: verifyAt, collateral, expected }, undefined, 1)
}

function selectField(bytes: Uint8Array, as: CollateralSource['as']): string {
  if (as === 'hex') return bytesToHex(bytes)
  const [kind, argument = ''] = as.split(':')
  if (kind === 'scale-text' || kind === 'scale-hex') {
    const items = unwrap(decode(array(scaleBytes, BUNDLE_FIELDS), bytes))
    const item = items[Number(argument)] ?? new Uint8Array()
    return kind === 'scale-hex' ? bytesToHex(item) : unwrap(utf8Text(item))
  }
  const text = unwrap(utf8Text(bytes))
  if (kind === 'field') return JSON.parse(text)[argument]
  return kind === 'body' ? signedBody(text) : text
}

/** The bytes between the first field's colon and the signature field: what Intel signed. */
function signedBody(text: string): string {
  return text.slice(text.indexOf(':') + 1, text.lastIndexOf(',"signature"'))
}

function utf8Text(bytes: Uint8Array) {
  const text = parseUtf8(bytes)
  return text === undefined
    ? ({ ok: false, error: { code: 'text_not_utf8' } } as const)
    : ({ ok: true, value: text } as const)
}
