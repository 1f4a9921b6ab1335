import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { bytesToHex, parseHex } from '@tacit/base'
import {
  assembleEvidence,
  assessEvidence,
  decide,
  developmentPolicy,
  evaluateFindings,
  explainEvidenceError,
  explainFindings,
  findHeldAt,
  findingsToJson,
  formatTime,
  parsePolicy,
  PRODUCTION_POLICY,
  refusalOf,
  VENDOR_ROOTS,
  type EvidenceFile,
  type EvidenceSet,
  type Findings,
  type Policy,
  type TrustedRoot,
} from '@tacit/attestation'
import { native } from '@tacit/crypto/native'
import { parsePemCertificates } from '@tacit/crypto/x509'
import { EXIT, plain, toJson, usageError, type Output } from '../output.ts'

export type EvidenceOptions = {
  readonly at?: string
  readonly policy: string
  readonly nonce?: string
  readonly root?: string
  readonly json?: boolean
}

const VENDORS = ['intel', 'amd', 'nvidia'] as const

/** Verifies evidence of any vendor from its files. @returns the exit code. */
export async function verifyEvidenceFiles(
  paths: readonly string[],
  files: readonly EvidenceFile[],
  options: EvidenceOptions,
  output: Output,
): Promise<number> {
  const assembled = await assembleWithQuote(paths, files)
  if (!assembled.ok) return reject(assembled.error, [], options, output)
  const context = {
    now: options.at === undefined ? Math.floor(Date.now() / 1_000) : parseTime(options.at),
    roots: await readTrustedRoots(options.root),
    hashes: native.hashes,
    ...(options.nonce !== undefined && { nonce: parseNonce(options.nonce) }),
  }
  const assessed = assessEvidence(assembled.value, context)
  const found = assessed.ok ? decide(assessed.value, (check) => native.verify(check)) : assessed
  if (!found.ok) {
    return reject(found.error, adviseTime(found.error, assembled.value, paths), options, output)
  }
  return report(found.value, await readPolicy(options.policy), options, output)
}

function report(
  findings: Findings,
  policy: Policy | undefined,
  options: EvidenceOptions,
  output: Output,
): number {
  const judged = policy && evaluateFindings(findings, policy)
  const refusal = refusalOf(findings, judged)
  const accepted = refusal === undefined
  if (options.json) {
    output.line(toJson({ accepted, refusal, ...findingsToJson(findings), policy: judged }))
  } else {
    output.line(accepted ? 'ACCEPTED' : `REJECTED [${refusal}]`)
    for (const line of explainFindings(findings, judged)) output.line(line)
  }
  return accepted ? EXIT.ok : EXIT.rejected
}

function reject(
  error: { readonly code: string },
  advice: readonly string[],
  options: EvidenceOptions,
  output: Output,
): number {
  if (options.json) output.line(toJson({ accepted: false, error: plain(error) }))
  else output.line([`REJECTED [${error.code}]`, explainEvidenceError(error), ...advice].join('\n'))
  return EXIT.rejected
}

/** What has expired was right once: says when, as a command to copy. */
function adviseTime(
  error: { readonly code: string },
  { recordedAt }: EvidenceSet,
  paths: readonly string[],
): readonly string[] {
  const at = findHeldAt(error, recordedAt)
  if (at === undefined) return []
  const command = `npx tacit verify ${paths.join(' ')} --at ${formatTime(at)}`
  return ['To see what it proved then:', `  ${command}`]
}

/** A bundle may name its quote by a path, beside it or up to two folders above. */
async function assembleWithQuote(
  paths: readonly string[],
  files: readonly EvidenceFile[],
): Promise<ReturnType<typeof assembleEvidence>> {
  const assembled = assembleEvidence(files)
  if (assembled.ok || assembled.error.code !== 'quote_missing') return assembled
  const [file = ''] = paths
  for (const folder of [dirname(file), join(dirname(file), '..'), join(dirname(file), '../..')]) {
    const path = join(folder, assembled.error.path)
    if (!(await isFile(path))) continue
    const quote = { name: basename(path), bytes: new Uint8Array(await readFile(path)) }
    return assembleEvidence([...files, quote])
  }
  return assembled
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (one) => one.isFile(),
    () => false,
  )
}

/** The vendors' own, and one that the caller adds for whichever vendor the evidence is of. */
async function readTrustedRoots(path: string | undefined): Promise<readonly TrustedRoot[]> {
  if (path === undefined) return VENDOR_ROOTS
  const bytes = await readFile(path).then(
    (file) => new Uint8Array(file),
    () => undefined,
  )
  if (bytes === undefined) throw usageError(`There is no file ${path}`, 'Check the path of --root.')
  const pem = parsePemCertificates(bytes, 1)
  const certificate = pem.ok ? (pem.value[0] ?? bytes) : bytes
  const fingerprint = native.hashes.sha256(certificate)
  const name = `the root of ${basename(path)} (${bytesToHex(fingerprint.subarray(0, 8))})`
  const added = VENDORS.map((vendor) => ({ name, vendor, certificate, fingerprint }))
  return [...VENDOR_ROOTS, ...added]
}

async function readPolicy(name: string): Promise<Policy | undefined> {
  if (name === 'none') return undefined
  if (name === 'production') return PRODUCTION_POLICY
  if (name === 'development') return developmentPolicy(VENDOR_ROOTS)
  if (!(await isFile(name))) {
    const fix = 'Use production, development, none, or the path of a policy (docs/policy.md).'
    throw usageError(`There is no policy ${name}`, fix)
  }
  const policy = parsePolicy(new Uint8Array(await readFile(name)))
  if (policy.ok) return policy.value
  const { reason, path } = policy.error
  throw usageError(
    `${name} is no policy: ${path || 'the document'} is ${reason}`,
    'See docs/policy.md.',
  )
}

function parseNonce(text: string): Uint8Array {
  const bytes = parseHex(text)
  if (bytes.ok && bytes.value.length === 32) return bytes.value
  throw usageError('The nonce is not 32 bytes', 'Write --nonce as 64 hex digits.')
}

function parseTime(text: string): number {
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : Date.parse(text) / 1_000
  if (Number.isFinite(seconds)) return Math.floor(seconds)
  throw usageError(`${text} is not a time`, 'Write --at 2025-06-25T00:00:00Z, or Unix seconds.')
}
