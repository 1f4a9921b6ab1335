export {
  CERTIFICATE_SCHEMES,
  type CertificateKey,
  type CertificateScheme,
  type CertificateSignature,
} from './algorithms.ts'
export * from './certificate.ts'
export * from './civil-time.ts'
export * from './crl.ts'
export { DerFault, DerReader, readDer, TAG, type DerProblem, type DerReason } from './der.ts'
export { parseEcdsaSignature, type EcdsaSignatureError } from './ecdsa-signature.ts'
export * from './ocsp.ts'
export { writeOcspRequest, type OcspRequest } from './ocsp-request.ts'
export * from './pem.ts'
export type { DistinguishedName, Extensions } from './x509-common.ts'
