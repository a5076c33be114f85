// Who listens to what.  A listener that throws stops nobody else: its error
// is reported as any uncaught one is.

export class Emitter {
  #listeners = new Map()

  // Returns the function that ends the listening.
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  emit(type, detail) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        listener(detail)
      } catch (error) {
        queueMicrotask(() => { throw error })
      }
    }
  }
}
