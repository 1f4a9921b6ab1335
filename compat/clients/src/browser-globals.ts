/** What libraries for pages look for as they load; Node has the rest. */
Object.assign(globalThis, { window: globalThis, document: { readyState: 'complete' } })
export {}
