import { defineContract, type Contract } from '@tacit/contract'

/** A contract that misbehaves in every way that it is asked to. */
const hostile: Contract = defineContract({
  init(ctx) {
    ctx.state.set('count', 0)
  },
  commands: {
    count(ctx) {
      ctx.state.set('count', (ctx.state.get<number>('count') ?? 0) + 1)
      return null
    },
    throws(ctx) {
      ctx.state.set('count', 1_000)
      throw new Error('on purpose')
    },
    loops(ctx) {
      ctx.state.set('count', 1_000)
      for (;;) ctx.state.get('count')
    },
    allocates(ctx) {
      ctx.state.set('count', 1_000)
      const kept: string[] = []
      for (;;) kept.push('x'.repeat(100_000) + kept.length)
    },
    garbage(ctx) {
      ctx.state.set('count', 1_000)
      const circle: Record<string, unknown> = {}
      circle['self'] = circle
      return circle as never
    },
  },
  queries: { count: (ctx) => ctx.state.get<number>('count') ?? null },
})

export default hostile
