// How long to wait before the next try: it doubles from base_ms to cap_ms,
// and a random half of it is taken off, so that clients who lost the same
// server do not come back in step.

export class Backoff {
  #base_ms
  #cap_ms
  #random
  #failures = 0

  constructor({ base_ms = 500, cap_ms = 30_000, random = Math.random } = {}) {
    this.#base_ms = base_ms
    this.#cap_ms = cap_ms
    this.#random = random
  }

  next() {
    const full_ms = Math.min(this.#cap_ms, this.#base_ms * 2 ** this.#failures++)
    return full_ms / 2 + this.#random() * full_ms / 2
  }

  reset() {
    this.#failures = 0
  }
}

// A wait that another may cut short: resolves to true if one did.
export class Pause {
  #wake = null

  wait(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms, false)
      this.#wake = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }

  wake() {
    this.#wake?.()
  }
}
