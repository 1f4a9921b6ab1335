// Imported late, so that a browser that cannot run a part of it still says so.
import('./start.ts')
  .then(({ start }) => start())
  .catch((error: unknown) => {
    const status = document.getElementById('status')
    const fault = document.getElementById('fault')
    if (status) {
      status.textContent = 'failed'
      status.dataset['state'] = 'lost'
    }
    const message = error instanceof Error ? error.message : String(error)
    if (fault) fault.textContent = `The page cannot run: ${message} [page_failed]. Reload it.`
  })
