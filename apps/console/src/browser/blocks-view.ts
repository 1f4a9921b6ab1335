import { toHex } from '@tacit/base'
import type { KnownBlock } from './ancestry.ts'
import { byId, element, row } from './dom.ts'
import { groupDigits, shortHex } from './format.ts'

/** Rows on the page; older ones make way. */
export const MAX_ROWS = 50
/** Lines of one row. */
const MAX_LINES = 12

/** Shows a block at its place; one that is shown already is replaced. */
export function showBlock(block: KnownBlock, lines: readonly string[]): void {
  const body = byId('blocks')
  const { number } = block.header
  const made = blockRow(block, lines)
  const rows = [...body.children].filter((one): one is HTMLElement => one instanceof HTMLElement)
  const next = rows.find((one) => Number(one.dataset['height'] ?? -1) <= number)
  body.insertBefore(made, next ?? null)
  for (const one of rows) {
    const height = one.dataset['height']
    if (height === undefined || Number(height) === number) one.remove()
  }
  while (body.children.length > MAX_ROWS) body.lastElementChild?.remove()
}

function blockRow({ header, hash }: KnownBlock, lines: readonly string[]): HTMLElement {
  const made = row(
    groupDigits(header.number),
    element('code', shortHex(hash), { title: toHex(hash) }),
    lines.length === 0 ? 'no calls' : lineList(lines),
  )
  made.dataset['height'] = String(header.number)
  if (lines.length === 0) made.className = 'quiet'
  return made
}

function lineList(lines: readonly string[]): HTMLElement {
  const list = element('ul')
  for (const line of lines.slice(0, MAX_LINES)) list.append(element('li', line))
  if (lines.length > MAX_LINES) list.append(element('li', `and ${lines.length - MAX_LINES} more`))
  return list
}
