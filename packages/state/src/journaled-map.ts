import { InvariantError } from '@tacit/base'

/** A map whose writes can be undone back to marks that nest. */
export interface JournaledMap<T> {
  get(name: string): T | undefined
  set(name: string, value: T): void
  values(): Iterable<T>
  /** How many transactions are open. */
  depth(): number
  begin(): void
  commit(): void
  rollback(): void
}

/** What names held before a transaction touched them first; undefined: nothing. */
type Journal<T> = Map<string, T | undefined>

/** Reads cost the same however many transactions are open. */
export function createJournaledMap<T>(): JournaledMap<T> {
  const current = new Map<string, T>()
  const journals: Journal<T>[] = []

  function close(): Journal<T> {
    const journal = journals.pop()
    if (!journal) throw new InvariantError('no transaction is open')
    return journal
  }

  return {
    get: (name) => current.get(name),
    set: (name, value) => {
      const journal = journals.at(-1)
      if (journal && !journal.has(name)) journal.set(name, current.get(name))
      current.set(name, value)
    },
    values: () => current.values(),
    depth: () => journals.length,
    begin: () => {
      journals.push(new Map())
    },
    commit: () => {
      const inner = close()
      const outer = journals.at(-1)
      if (!outer) return
      for (const [name, before] of inner) if (!outer.has(name)) outer.set(name, before)
    },
    rollback: () => {
      for (const [name, before] of close()) {
        if (before === undefined) current.delete(name)
        else current.set(name, before)
      }
    },
  }
}
