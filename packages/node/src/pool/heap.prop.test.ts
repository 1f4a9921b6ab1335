import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHeap, inOrder } from './heap.ts'

type Item = { readonly value: number; readonly id: number }
const isBefore = (a: Item, b: Item): boolean =>
  a.value < b.value || (a.value === b.value && a.id < b.id)
const sorted = (items: Iterable<Item>): Item[] =>
  [...items].sort((a, b) => (isBefore(a, b) ? -1 : 1))

test('a heap gives what a sorted list gives, whatever is put in and taken out', () => {
  const step = fc.record({ kind: fc.constantFrom('push', 'pop', 'delete'), value: fc.nat(20) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const heap = createHeap(isBefore)
      let model: Item[] = []
      for (const [id, { kind, value }] of steps.entries()) {
        if (kind === 'push') {
          const item = { value, id }
          heap.push(item)
          model = sorted([...model, item])
        } else if (kind === 'pop') expect(heap.pop()).toBe(model.shift())
        else {
          const item = model[value] ?? { value, id }
          expect(heap.delete(item)).toBe(model.includes(item))
          model = model.filter((one) => one !== item)
        }
        expect(heap.size).toBe(model.length)
        expect(heap.at(0)).toBe(model[0])
        expect([...inOrder(heap, isBefore)]).toEqual(model)
      }
    }),
  )
})

test('the first few in order are found without looking at the others', () => {
  let compared = 0
  const heap = createHeap<Item>((a, b) => {
    compared++
    return isBefore(a, b)
  })
  for (let id = 0; id < 10_000; id++) heap.push({ value: (id * 7_919) % 10_007, id })
  compared = 0
  const first = inOrder(heap, (a, b) => {
    compared++
    return isBefore(a, b)
  })
  for (let count = 0; count < 10; count++) expect(first.next().value?.value).toBe(count)
  expect(compared).toBeLessThan(200)
})
