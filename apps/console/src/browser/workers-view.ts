import { bytesToHex, parseHex, toHex } from '@tacit/base'
import { workersStorage, type Instance } from '@tacit/runtime'
import type { Chain } from '@tacit/sdk'
import { byId, element, row } from './dom.ts'
import { shortHex } from './format.ts'

/** Instances on the page. */
const MAX_WORKERS = 100

type Worker = { readonly key: Uint8Array; readonly record: Instance }

/**
 * Reads the registered instances. The node only suggests the keys: it can leave one out, but each
 * one that it names is proved against a justified head.
 */
export async function readWorkers(chain: Chain): Promise<readonly Worker[]> {
  const { Instances } = workersStorage
  const prefix = Instances.prefix(chain.crypto.hashes)
  const named = await chain.rpc.request<readonly string[]>('state_getKeysPaged', [
    toHex(prefix),
    MAX_WORKERS,
  ])
  const keys = named.slice(0, MAX_WORKERS).flatMap((text) => {
    const bytes = parseHex(text)
    return bytes.ok && bytesToHex(bytes.value).startsWith(bytesToHex(prefix)) ? [bytes.value] : []
  })
  const values = keys.length === 0 ? [] : await chain.readKeys(keys)
  return keys.flatMap((raw, at) => {
    const value = values[at]
    const record = value && Instances.decode(value)
    const key = Instances.decodeKey(raw)
    return record?.ok && key.ok ? [{ key: key.value[0], record: record.value }] : []
  })
}

/** Shows who serves, and which root vouched for it. */
export function showWorkers(workers: readonly Worker[]): void {
  const sorted = workers.toSorted((a, b) => a.record.registeredAt - b.record.registeredAt)
  const empty = row('none registered yet')
  empty.className = 'quiet'
  empty.cells[0]?.setAttribute('colspan', '5')
  byId('workers').replaceChildren(...(sorted.length === 0 ? [empty] : sorted.map(workerRow)))
}

function workerRow({ key, record: { role, verdict, registeredAt } }: Worker): HTMLElement {
  const { rootName, rootFingerprint, status, advisories, signatureChecks } = verdict
  const root = element('span', rootName, { title: `SHA-256 ${bytesToHex(rootFingerprint)}` })
  const patched = advisories.length === 0 ? 'no advisories' : advisories.join(' ')
  return row(
    role.type,
    root,
    element('span', status.type, { title: patched }),
    String(signatureChecks),
    element('code', shortHex(key), { title: `${toHex(key)}, registered at block ${registeredAt}` }),
  )
}
