import type { EvidenceFileError } from './errors.ts'
import type { FileContent } from './file-content.ts'

type ContentType = FileContent['type']
/** What a file holds, with the file's name. */
export type NamedContent<Type extends ContentType = ContentType> = Extract<
  FileContent,
  { type: Type }
> & { readonly file: string }
export type Contents = readonly NamedContent[]

/** Kinds of which one says everything, each with the kinds that are read beside it. */
const READ_BESIDE: Readonly<Partial<Record<ContentType, readonly ContentType[]>>> = {
  dcap_bundle: ['certificates', 'event_log'],
  dstack_report: ['dcap_collateral', 'certificates', 'event_log'],
  quote: ['dcap_collateral', 'certificates', 'event_log'],
  snp_bundle: ['crl'],
  snp_report: ['certificates', 'crl'],
  hcl_report: ['certificates', 'crl'],
  azure_evidence: ['dcap_collateral', 'certificates', 'crl'],
  nvidia_bundle: ['rim', 'ocsp'],
  nvidia_evidence: ['rim', 'ocsp'],
  nvidia_report: ['certificates', 'rim', 'ocsp'],
  nras_result: ['key_set'],
}
/** Kinds that vouch for evidence and of which more than one file counts. */
const MANY: readonly ContentType[] = ['certificates', 'rim', 'ocsp']

export function findContent<Type extends ContentType>(
  contents: Contents,
  type: Type,
): NamedContent<Type> | undefined {
  return contents.find((content): content is NamedContent<Type> => content.type === type)
}

/** The first file that is one too many, or that nothing of the evidence would read. */
export function findFileProblem(contents: Contents): EvidenceFileError | undefined {
  const evidence = contents.filter(({ type }) => READ_BESIDE[type] !== undefined)
  const [first, second, third] = evidence
  const extra = namesQuote(contents) ? third : second
  const once = contents.filter(({ type }) => !MANY.includes(type))
  const repeated = once.find(({ type }, at) => once.findIndex((one) => one.type === type) < at)
  const wrong = extra ?? repeated
  if (wrong !== undefined) return { code: 'files_conflicting', file: wrong.file, type: wrong.type }
  const unread = first === undefined ? findBesideRim(contents) : findUnread(contents, evidence)
  return unread && { code: 'file_unread', file: unread.file, type: unread.type }
}

/** A bundle may stand beside the quote that it names. */
function namesQuote(contents: Contents): boolean {
  const names = findContent(contents, 'dcap_bundle')?.bundle.quote.type === 'path'
  return names && findContent(contents, 'quote') !== undefined
}

function findUnread(contents: Contents, evidence: Contents): NamedContent | undefined {
  const [bundle] = evidence
  const read = new Set(bundle && READ_BESIDE[bundle.type])
  const hasOwnList = bundle?.type === 'snp_bundle' && bundle.bundle.collateral.crl !== undefined
  if (hasOwnList) read.delete('crl')
  if (bundle?.type === 'azure_evidence')
    for (const type of UNREAD_BY_AZURE[bundle.evidence.tee]) read.delete(type)
  return contents.find((one) => !evidence.includes(one) && !read.has(one.type))
}

const UNREAD_BY_AZURE: Readonly<Record<'tdx' | 'sev-snp', readonly ContentType[]>> = {
  tdx: ['certificates', 'crl'],
  'sev-snp': ['dcap_collateral'],
}

/** A manifest is looked at by itself; everything else without evidence is evidence missing. */
function findBesideRim(contents: Contents): NamedContent | undefined {
  const rim = findContent(contents, 'rim')
  return rim && contents.find((one) => one !== rim)
}
