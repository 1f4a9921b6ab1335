import { err, type Hash, type Result } from '@tacit/base'
import { formatTime } from '@tacit/attestation'
import { portable } from '@tacit/crypto/portable'
import { webcrypto } from '@tacit/crypto/webcrypto'
import {
  checkSizes,
  classifyFiles,
  type Dropped,
  type DroppedFile,
  type DropError,
} from './classify.ts'
import { byId, element } from './dom.ts'
import { describeFailure, oneLine } from './format.ts'
import { judge, type Judgement } from './judge.ts'

/** Verifies what is dropped anywhere on the page, or chosen, in this browser alone. */
export function acceptDrops(genesisHash: Hash): void {
  const zone = byId('drop')
  const input = byId('file') as HTMLInputElement
  const take = (files: Iterable<File> | null | undefined): void => {
    verifyFiles([...(files ?? [])], genesisHash).catch(showFailure)
  }
  input.addEventListener('change', () => {
    take(input.files)
    // So that choosing the same file again counts as a change.
    input.value = ''
  })
  document.addEventListener('dragover', (event) => {
    event.preventDefault()
    zone.classList.add('over')
  })
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) zone.classList.remove('over')
  })
  document.addEventListener('drop', (event) => {
    event.preventDefault()
    zone.classList.remove('over')
    take(event.dataTransfer?.files)
  })
}

async function verifyFiles(files: readonly File[], genesisHash: Hash): Promise<void> {
  const names = files.map(({ name }) => oneLine(name, 80)).join(' and ')
  const dropped = await readFiles(files)
  if (!dropped.ok) {
    const { code, why } = dropped.error
    show({ accepted: false, headline: `REJECTED [${code}]`, lines: [why] }, names)
    return
  }
  await verifyAt(dropped.value, names, genesisHash, Math.floor(Date.now() / 1_000))
}

async function readFiles(files: readonly File[]): Promise<Result<Dropped, DropError>> {
  const sized = checkSizes(files)
  if (!sized.ok) return sized
  try {
    return classifyFiles(await Promise.all(files.map(readFile)))
  } catch {
    const why = 'The browser cannot read it: a folder, or a file that has changed or gone.'
    return err({ code: 'file_unreadable', why })
  }
}

async function readFile(file: File): Promise<DroppedFile> {
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }
}

/** Counts what was asked for, so that an answer that comes late does not cover a newer one. */
let asked = 0

async function verifyAt(
  dropped: Dropped,
  names: string,
  genesisHash: Hash,
  now: number,
): Promise<void> {
  const turn = ++asked
  const context = { genesisHash, now, crypto: portable, verifier: webcrypto }
  const judgement = await judge(dropped, context)
  if (turn !== asked) return
  show(judgement, names)
  const { heldAt } = judgement
  if (heldAt === undefined) return
  const button = element('button', `Verify as of ${formatTime(heldAt)}`, { type: 'button' })
  button.addEventListener('click', () => {
    verifyAt(dropped, names, genesisHash, heldAt).catch(showFailure)
  })
  byId('verdict').append(button)
}

function showFailure(error: unknown): void {
  show({ accepted: false, headline: 'REJECTED [page_failed]', lines: [describeFailure(error)] }, '')
}

function show({ accepted, headline, lines }: Judgement, names: string): void {
  const verdict = byId('verdict')
  verdict.querySelector('button')?.remove()
  byId('verdict-headline').textContent = names === '' ? headline : `${headline} ${names}`
  byId('verdict-details').textContent = lines.join('\n')
  verdict.dataset['state'] = accepted ? 'accepted' : 'rejected'
}
