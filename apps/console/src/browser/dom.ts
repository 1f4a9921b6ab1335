/** The page's element of an id; the page and its script are one thing, so it is there. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no #${id}`)
  return element
}

/** An element with text; what strangers wrote never becomes markup. */
export function element(
  tag: 'button' | 'code' | 'li' | 'span' | 'ul',
  text: string = '',
  attributes: Readonly<Record<string, string>> = {},
): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}

/** A table row of cells. */
export function row(...cells: readonly (Node | string)[]): HTMLTableRowElement {
  const made = document.createElement('tr')
  for (const cell of cells) made.insertCell().append(cell)
  return made
}
