import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { parseHash, parseHex, utf8, type Hash } from '@tacit/base'
import {
  decideDcap,
  developmentPolicy,
  evaluatePolicy,
  explainError,
  explainVerdict,
  formatTime,
  INTEL_SGX_ROOT_CA,
  parseBundle,
  PRODUCTION_POLICY,
  verdictToJson,
  type BundledQuote,
  type DcapBundle,
  type DcapError,
  type DcapVerdict,
  type PolicyResult,
} from '@tacit/attestation'
import { native } from '@tacit/crypto/native'
import {
  explainReceipt,
  explainReceiptError,
  isReceiptJson,
  MAX_RECEIPT_CHARACTERS,
  parseReceipt,
  TacitError,
  verifyReceipt,
} from '@tacit/sdk'
import { EXIT, toJson, usageError, type Output } from '../output.ts'

type VerifyOptions = {
  readonly at?: string
  readonly policy: string
  readonly checkpoint?: string
  readonly json?: boolean
}

const HELP = `
Examples:
  npx tacit verify bundle.json --at 2025-06-25T00:00:00Z
  npx tacit verify receipt.json --checkpoint 0x<genesis hash>

FILE is an evidence bundle (a TDX or SGX quote with its collateral) or a receipt of a command.
Other kinds of evidence (SEV-SNP, NVIDIA) come with a later version.

Exit codes: 0 accepted, 1 rejected (the code is printed), 2 wrong usage.
Errors: collateral_expired prints the command with the time at which the evidence held;
root_untrusted names evidence that does not end in Intel's root; policy_refused lists each rule;
without a policy only status_revoked and status_not_supported refuse evidence that verifies.
`

export function addVerifyCommand(program: Command, output: Output): void {
  program
    .command('verify')
    .description('Verify an evidence bundle or a receipt, and say what the verdict rests on.')
    .argument('<file>', 'bundle or receipt, JSON')
    .option('--at <time>', 'verify as of this time, ISO 8601 or Unix seconds (default: now)')
    .option('--policy <name>', 'production, development, or none', 'none')
    .option('--checkpoint <hash>', 'genesis hash that you trust; needed for a receipt')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (file: string, options: VerifyOptions) => {
      process.exitCode = await verifyFile(file, options, output)
    })
}

/** @returns the exit code. @throws TacitError of code `usage`. */
export async function verifyFile(
  file: string,
  options: VerifyOptions,
  output: Output,
): Promise<number> {
  const text = await readInput(file)
  if (isReceiptJson(parseJson(text, file))) return verifyReceiptText(text, options, output)
  return verifyBundleText(text, file, options, output)
}

function verifyReceiptText(text: string, options: VerifyOptions, output: Output): number {
  if (options.at !== undefined) {
    throw usageError('A receipt proves its own time', 'Leave --at out.')
  }
  const checkpoint = parseCheckpoint(options.checkpoint)
  const receipt = parseReceipt(text)
  if (!receipt.ok) {
    const why = `It is no receipt: the field ${receipt.error.field} is not as it must be.`
    return reject(receipt.error, why, options, output)
  }
  const verdict = verifyReceipt(receipt.value, checkpoint, native)
  if (!verdict.ok) return reject(verdict.error, explainReceiptError(verdict.error), options, output)
  if (options.json) {
    const { outcome, chainClass, disclosed, restsOn: rests, attestation } = verdict.value
    const found = { verified: true, outcome, chainClass, disclosed, restsOn: rests }
    output.line(toJson({ ...plain(found), attestation: verdictToJson(attestation) }))
    return EXIT.ok
  }
  output.line('VERIFIED')
  for (const line of explainReceipt(verdict.value)) output.line(line)
  return EXIT.ok
}

async function verifyBundleText(
  text: string,
  file: string,
  options: VerifyOptions,
  output: Output,
): Promise<number> {
  const bundle = parseBundle(utf8(text))
  if (!bundle.ok) {
    const why = 'It is neither a receipt nor an evidence bundle.'
    return reject(bundle.error, why, options, output)
  }
  const now = options.at === undefined ? Math.floor(Date.now() / 1_000) : parseTime(options.at)
  const quote = await readQuote(bundle.value.quote, file)
  const { collateral } = bundle.value
  const input = { quote, collateral, roots: [INTEL_SGX_ROOT_CA], now, hashes: native.hashes }
  const verdict = decideDcap(input, (check) => native.verify(check))
  if (!verdict.ok) {
    return reject(verdict.error, withCommand(verdict.error, bundle.value, file), options, output)
  }
  const policy = policyNamed(options.policy)
  const judged = policy && evaluatePolicy(verdict.value, policy)
  const refusal = refusalOf(verdict.value, judged)
  const accepted = refusal === undefined
  if (options.json) {
    output.line(
      toJson({ accepted, refusal, verdict: verdictToJson(verdict.value), policy: judged }),
    )
    return accepted ? EXIT.ok : EXIT.rejected
  }
  output.line(accepted ? 'ACCEPTED' : `REJECTED [${refusal}]`)
  for (const line of explainVerdict(verdict.value, judged)) output.line(line)
  return accepted ? EXIT.ok : EXIT.rejected
}

function reject(
  error: { readonly code: string },
  why: string,
  options: VerifyOptions,
  output: Output,
): number {
  if (options.json) output.line(toJson({ accepted: false, error: plain(error) }))
  else output.line(`REJECTED [${error.code}]\n${why}`)
  return EXIT.rejected
}

/** Without a policy only what Intel itself no longer vouches for is refused. */
export function refusalOf(
  verdict: Pick<DcapVerdict, 'status'>,
  judged?: PolicyResult,
): string | undefined {
  if (judged) return judged.accepted ? undefined : 'policy_refused'
  if (verdict.status === 'NotSupported') return 'status_not_supported'
  return verdict.status === 'Revoked' ? 'status_revoked' : undefined
}

/** Expired collateral was right once: says when, as a command to copy. */
function withCommand(error: DcapError, bundle: DcapBundle, file: string): string {
  const why = explainError(error)
  if (!('verifiable' in error)) return why
  const { from, until } = error.verifiable
  const recorded = bundle.verifyAt
  const at = recorded !== undefined && recorded >= from && recorded <= until ? recorded : from
  if (from > until) return why
  return `${why}\nTo see what it proved then:\n  npx tacit verify ${file} --at ${formatTime(at)}`
}

function policyNamed(name: string): typeof PRODUCTION_POLICY | undefined {
  switch (name) {
    case 'none':
      return undefined
    case 'production':
      return PRODUCTION_POLICY
    case 'development':
      return developmentPolicy([])
    default:
      throw usageError(`There is no policy ${name}`, 'Use production, development or none.')
  }
}

async function readQuote(quote: BundledQuote, file: string): Promise<Uint8Array> {
  if (quote.type === 'bytes') return quote.bytes
  const folders = [dirname(file), join(dirname(file), '..'), join(dirname(file), '../..')]
  for (const folder of folders) {
    const path = join(folder, quote.path)
    if (await isFile(path)) return readFile(path)
  }
  throw new TacitError({
    code: 'quote_missing',
    shortMessage: `The bundle names its quote by the path ${quote.path}, which is not near ${file}`,
    fix: 'Put the file beside the bundle or up to two folders above it, or write the quote as hex.',
  })
}

async function readInput(file: string): Promise<string> {
  const size = await stat(file).then(
    (one) => (one.isFile() ? one.size : -1),
    () => -1,
  )
  if (size < 0) throw usageError(`There is no file ${file}`, 'Check the path.')
  if (size > MAX_RECEIPT_CHARACTERS) {
    throw usageError(
      `${file} has ${size} bytes; no bundle or receipt is so large`,
      'Check the file.',
    )
  }
  return readFile(file, 'utf8')
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (one) => one.isFile(),
    () => false,
  )
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw usageError(`${file} is not JSON`, 'Give an evidence bundle or a receipt.')
  }
}

function parseCheckpoint(text: string | undefined): Hash {
  const bytes = text === undefined ? undefined : parseHex(text)
  const hash = bytes?.ok ? parseHash(bytes.value) : undefined
  if (hash?.ok) return hash.value
  throw usageError(
    text === undefined ? 'A receipt needs a checkpoint to start from' : 'The checkpoint is no hash',
    'Add --checkpoint with the genesis hash of the chain that you trust: 64 hex digits.',
  )
}

function parseTime(text: string): number {
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : Date.parse(text) / 1_000
  if (Number.isFinite(seconds)) return Math.floor(seconds)
  throw usageError(`${text} is not a time`, 'Write --at 2025-06-25T00:00:00Z, or Unix seconds.')
}

/** Bytes as hex, for JSON. */
function plain(value: unknown): object {
  return JSON.parse(
    JSON.stringify(value, (_key, one: unknown) => {
      if (one instanceof Uint8Array) return Buffer.from(one).toString('hex')
      return typeof one === 'bigint' ? one.toString() : one
    }),
  ) as object
}
