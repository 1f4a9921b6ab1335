import { err, ok, parseUtf8, type Result } from '@tacit/base'
import { readDer, TAG, type Certificate, type DerReader } from '@tacit/crypto/x509'
import type { SnpFormError } from './errors.ts'
import { familyOfProduct, type SnpFamily } from './family.ts'
import type { SnpTcb } from './tcb.ts'

/** What the certificate of a VCEK or VLEK says about the key. */
export interface SnpEndorsement {
  readonly productName: string
  readonly family: SnpFamily
  /** The patch level that the key was derived from. */
  readonly tcb: SnpTcb
  /** The chip: 64 bytes, 8 for Turin; undefined for a VLEK. */
  readonly hwid: Uint8Array | undefined
  /** The cloud that was lent the key; undefined for a VCEK. */
  readonly cspId: string | undefined
}

/**
 * AMD's extensions, all under one identifier.
 * Source: VCEK Certificate and KDS Interface Specification (AMD 57230), "Certificate extensions".
 */
const AMD = '1.3.6.1.4.1.3704.1'
const STRUCT_VERSION = `${AMD}.1`
const PRODUCT_NAME = `${AMD}.2`
const BOOTLOADER = `${AMD}.3.1`
const TEE = `${AMD}.3.2`
const SNP = `${AMD}.3.3`
const RESERVED = [`${AMD}.3.4`, `${AMD}.3.5`, `${AMD}.3.6`, `${AMD}.3.7`]
const MICROCODE = `${AMD}.3.8`
const FMC = `${AMD}.3.9`
const HWID = `${AMD}.4`
const CSP_ID = `${AMD}.5`
const MAX_STRUCT_VERSION = 1
const HWID_BYTES: Readonly<Record<SnpFamily, number>> = { Milan: 64, Genoa: 64, Turin: 8 }

/** An extension that is not as specified; caught by readEndorsement() alone. */
class ExtensionFault {
  readonly extension: string
  constructor(extension: string) {
    this.extension = extension
  }
}

/**
 * Reads AMD's extensions of a VCEK's or VLEK's certificate. Which of HWID and CSP_ID must be there
 * depends on the key, and is for the caller to say.
 */
export function readEndorsement(certificate: Certificate): Result<SnpEndorsement, SnpFormError> {
  try {
    const productName = readText(certificate, PRODUCT_NAME)
    const family = familyOfProduct(productName)
    if (family === undefined) return err({ code: 'endorsement_product_unsupported', productName })
    return ok(readOf(certificate, productName, family))
  } catch (fault) {
    if (!(fault instanceof ExtensionFault)) throw fault
    return err({ code: 'endorsement_extension_malformed', extension: fault.extension })
  }
}

function readOf(certificate: Certificate, productName: string, family: SnpFamily): SnpEndorsement {
  readNumber(certificate, STRUCT_VERSION, MAX_STRUCT_VERSION)
  for (const id of RESERVED) if (certificate.extensions.has(id)) readNumber(certificate, id, 0)
  const hasFmc = family === 'Turin'
  if (!hasFmc && certificate.extensions.has(FMC)) throw new ExtensionFault(FMC)
  return {
    productName,
    family,
    tcb: {
      fmc: hasFmc ? readNumber(certificate, FMC, 255) : undefined,
      bootloader: readNumber(certificate, BOOTLOADER, 255),
      tee: readNumber(certificate, TEE, 255),
      snp: readNumber(certificate, SNP, 255),
      microcode: readNumber(certificate, MICROCODE, 255),
    },
    hwid: readHwid(certificate, HWID_BYTES[family]),
    cspId: certificate.extensions.has(CSP_ID) ? readText(certificate, CSP_ID) : undefined,
  }
}

/** Raw bytes as a rule; for some time in 2023 AMD issued an OCTET STRING (virtee/snpguest #22). */
function readHwid({ extensions }: Certificate, length: number): Uint8Array | undefined {
  const content = extensions.get(HWID)
  if (content === undefined || content.length === length) return content
  const wrapped = readDer(content, (input) => input.octets(length))
  if (!wrapped.ok) throw new ExtensionFault(HWID)
  return wrapped.value
}

function readNumber(certificate: Certificate, id: string, max: number): number {
  return readExtensionOf(certificate, id, (input) => input.unsigned(max))
}

function readText(certificate: Certificate, id: string): string {
  return readExtensionOf(certificate, id, (input) => {
    const tag = input.isNext(TAG.utf8String) ? TAG.utf8String : TAG.ia5String
    return parseUtf8(input.content(tag)) ?? input.fail('text_invalid')
  })
}

function readExtensionOf<T>(
  { extensions }: Certificate,
  id: string,
  read: (input: DerReader) => T,
): T {
  const value = readDer(extensions.get(id) ?? new Uint8Array(), read)
  if (!value.ok) throw new ExtensionFault(id)
  return value.value
}
