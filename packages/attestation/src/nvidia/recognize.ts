import { parseNvidiaBundle, parseNvidiaEvidence } from './evidence-json.ts'
import { parseHexReport } from './hex-report.ts'

/** Forms in which evidence of NVIDIA's devices comes. */
export type NvidiaForm =
  /** One report, in bytes or in hex text; its chain is another file. */
  | 'report'
  | 'report_text'
  /** JSON of NVIDIA's tools: parseNvidiaEvidence(). */
  | 'evidence'
  /** JSON with collateral: parseNvidiaBundle(). */
  | 'bundle'
  /** A reference integrity manifest, XML. */
  | 'rim'

const PROLOGUE_BYTES = 4096
const SOFTWARE_IDENTITY =
  /^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[^]*?-->\s*)*<(?:\w+:)?SoftwareIdentity[\s>]/

/** What bytes are, if they are evidence of NVIDIA's; whether it is genuine is not looked at. */
export function recognizeNvidia(bytes: Uint8Array): NvidiaForm | undefined {
  if (isReport(bytes)) return 'report'
  const start = new TextDecoder().decode(bytes.subarray(0, PROLOGUE_BYTES)).trimStart()
  if (/^(?:0x)?11\s*e0/i.test(start)) {
    const report = parseHexReport(bytes)
    return report !== undefined && isReport(report) ? 'report_text' : undefined
  }
  if (start.startsWith('[')) return parseNvidiaEvidence(bytes).ok ? 'evidence' : undefined
  if (start.startsWith('{')) {
    if (parseNvidiaBundle(bytes).ok) return 'bundle'
    return parseNvidiaEvidence(bytes).ok ? 'evidence' : undefined
  }
  return SOFTWARE_IDENTITY.test(start) ? 'rim' : undefined
}

/** SPDM 1.1 GET_MEASUREMENTS, then MEASUREMENTS. */
function isReport(bytes: Uint8Array): boolean {
  return bytes[0] === 0x11 && bytes[1] === 0xe0 && bytes[37] === 0x11 && bytes[38] === 0x60
}
