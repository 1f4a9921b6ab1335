import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { parseHash, parseHex, parseUtf8, type Hash } from '@tacit/base'
import { verdictToJson, type EvidenceFile } from '@tacit/attestation'
import { native } from '@tacit/crypto/native'
import {
  explainReceipt,
  explainReceiptError,
  isReceiptJson,
  MAX_RECEIPT_CHARACTERS,
  parseReceipt,
  verifyReceipt,
} from '@tacit/sdk'
import { EXIT, plain, toJson, usageError, type Output } from '../output.ts'
import { verifyEvidenceFiles, type EvidenceOptions } from './verify-evidence.ts'

export type VerifyOptions = EvidenceOptions & { readonly checkpoint?: string }

/** A bundle with its quote, a device with its chain, manifests and responses. */
const MAX_FILES = 64

const HELP = `
Examples:
  npx tacit verify bundle.json --at 2025-06-25T00:00:00Z
  npx tacit verify quote.bin collateral.json
  npx tacit verify report.bin vcek.der --policy production
  npx tacit verify gpu-evidence.json driver-rim.xml vbios-rim.xml --nonce <64 hex digits>
  npx tacit verify receipt.json --checkpoint 0x<genesis hash>

FILES are one piece of evidence and what vouches for it, told apart by their content:
  Intel     a quote (SGX, TDX), its collateral, a bundle of both, a PCK chain; dstack's answer
            {quote, event_log, ...}, a firmware's CCEL event log
  AMD       an SEV-SNP report, the certificate of its VCEK or VLEK, ASK and ARK, revocation list,
            a bundle of these; Azure's HCL report and its agent's JSON
  NVIDIA    a device's report with its chain, nvattest's or nvtrust's JSON, a bundle; manifests
            (RIM, XML), OCSP responses; tokens of its remote attestation service with their key set,
            which need --nonce
  a receipt of a command, alone
Binary files may be given as hex or base64 text, certificates as PEM or DER.

Exit codes: 0 accepted, 1 rejected (the code is printed), 2 wrong usage.
Errors: collateral_expired and certificate_expired print the command with the time at which the
evidence held; root_untrusted names evidence that does not end in the vendor's root (--root adds
one); policy_refused lists each rule. Without a policy only status_revoked, status_not_supported and
measurements_mismatched refuse evidence that verifies.
`

export function addVerifyCommand(program: Command, output: Output): void {
  program
    .command('verify')
    .description('Verify attestation evidence or a receipt, and say what the verdict rests on.')
    .argument('<files...>', 'evidence with what vouches for it, or one receipt')
    .option('--at <time>', 'verify as of this time, ISO 8601 or Unix seconds (default: now)')
    .option('--policy <policy>', 'production, development, none, or the path of a policy', 'none')
    .option('--nonce <hex>', 'the 32 bytes that GPUs must have been asked with')
    .option('--root <file>', "trust this certificate too, beside the vendors' own roots")
    .option('--checkpoint <hash>', 'genesis hash that you trust; needed for a receipt')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (files: string[], options: VerifyOptions) => {
      process.exitCode = await verifyFiles(files, options, output)
    })
}

/** @returns the exit code. @throws TacitError of code `usage`. */
export async function verifyFiles(
  paths: readonly string[],
  options: VerifyOptions,
  output: Output,
): Promise<number> {
  if (paths.length > MAX_FILES) {
    throw usageError(`${paths.length} files are too many`, `Give at most ${MAX_FILES}.`)
  }
  const files = await Promise.all(paths.map(readEvidenceFile))
  const [receipt, another] = files.filter(({ bytes }) => isReceipt(bytes))
  if (receipt === undefined) return verifyEvidenceFiles(paths, files, options, output)
  if (another !== undefined || files.length > 1) {
    throw usageError('A receipt is verified alone', 'Give one file.')
  }
  return verifyReceiptText(parseUtf8(receipt.bytes) ?? '', options, output)
}

async function readEvidenceFile(path: string): Promise<EvidenceFile> {
  const size = await stat(path).then(
    (one) => (one.isFile() ? one.size : -1),
    () => -1,
  )
  if (size < 0) throw usageError(`There is no file ${path}`, 'Check the path.')
  if (size > MAX_RECEIPT_CHARACTERS) {
    throw usageError(
      `${path} has ${size} bytes; no evidence and no receipt is so large`,
      'Check the file.',
    )
  }
  return { name: basename(path), bytes: new Uint8Array(await readFile(path)) }
}

function isReceipt(bytes: Uint8Array): boolean {
  try {
    return isReceiptJson(JSON.parse(parseUtf8(bytes) ?? ''))
  } catch {
    return false
  }
}

function verifyReceiptText(text: string, options: VerifyOptions, output: Output): number {
  if (options.at !== undefined) {
    throw usageError('A receipt proves its own time', 'Leave --at out.')
  }
  const checkpoint = parseCheckpoint(options.checkpoint)
  const receipt = parseReceipt(text)
  if (!receipt.ok) {
    const why = `It is no receipt: the field ${receipt.error.field} is not as it must be.`
    return rejectReceipt(receipt.error, why, options, output)
  }
  const verdict = verifyReceipt(receipt.value, checkpoint, native)
  if (!verdict.ok) {
    return rejectReceipt(verdict.error, explainReceiptError(verdict.error), options, output)
  }
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

function rejectReceipt(
  error: { readonly code: string },
  why: string,
  options: VerifyOptions,
  output: Output,
): number {
  if (options.json) output.line(toJson({ accepted: false, error: plain(error) }))
  else output.line(`REJECTED [${error.code}]\n${why}`)
  return EXIT.rejected
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
